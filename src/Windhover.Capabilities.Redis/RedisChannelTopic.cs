using System.Globalization;
using System.Threading.Channels;
using StackExchange.Redis;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Messaging;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Redis;

/// <summary>
/// A Redis channel: what is published while nobody listens is lost, and every server that listens gets all of it. For what other programs publish (Spin's Redis trigger); between apps
/// the stream backend loses nothing.
/// </summary>
/// <remarks>
/// Others publish a content and nothing else, and get the same: a message goes without its headers. One that asks for replies is sent whole after a mark, since its
/// address has to come along; so is one whose own content begins with the mark, so that no guest can write headers that way.
/// </remarks>
internal sealed class RedisChannelTopic(string name, RedisLink link, BackendHealth replies, TimeProvider time) : IReplyTopic
{
    private const int Capacity = 10_000;

    private readonly Channel<Delivery> _received = Channel.CreateBounded<Delivery>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly SemaphoreSlim _gate = new(1);
    private readonly RedisReplies _replies = new(link.GetAsync, replies, time);
    private bool _subscribed;
    private long _number;

    private static ReadOnlySpan<byte> WholeMark => "\0windhover:whole\0"u8;

    public IReplyBroker Replies => _replies;

    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken) =>
        await link.RunAsync(connection => connection.GetSubscriber().PublishAsync(RedisChannel.Literal(name), Write(message)), cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken)
    {
        await SubscribeAsync(cancellationToken).ConfigureAwait(false);
        var taken = new List<Delivery> { await _received.Reader.ReadAsync(cancellationToken).ConfigureAwait(false) };
        while (taken.Count < most && _received.Reader.TryRead(out Delivery? next))
            taken.Add(next);
        return taken;
    }

    public ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken)
    {
        _received.Writer.TryWrite(delivery with { Attempt = delivery.Attempt + 1 });
        return ValueTask.CompletedTask;
    }

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => ValueTask.FromResult((long)_received.Reader.Count);

    public async ValueTask DisposeAsync()
    {
        _gate.Dispose();
        await link.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask SubscribeAsync(CancellationToken cancellationToken)
    {
        if (_subscribed)
            return;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_subscribed)
                return;
            await link.RunAsync(
                async connection =>
                {
                    await connection.GetSubscriber().SubscribeAsync(RedisChannel.Literal(name), (_, value) => _received.Writer.TryWrite(
                        new Delivery(Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture), Read((byte[]?)value ?? []), 1, time.GetUtcNow()))).ConfigureAwait(false);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            _subscribed = true;
        }
        finally
        {
            _gate.Release();
        }
    }

    private static RedisValue Write(Message message) => message.Find(Message.ReplyTo) is null && !message.Body.Span.StartsWith(WholeMark)
        ? message.Body
        : (byte[])[.. WholeMark, .. MessageCodec.WriteWhole(message)];

    private static Message Read(byte[] content) =>
        content.AsSpan().StartsWith(WholeMark) && MessageCodec.ReadWhole(content.AsMemory(WholeMark.Length)) is { } whole ? whole : new Message(content);
}
