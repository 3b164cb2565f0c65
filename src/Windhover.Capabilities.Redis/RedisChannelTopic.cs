using System.Globalization;
using System.Threading.Channels;
using StackExchange.Redis;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Redis;

/// <summary>
/// A Redis channel: what is published while nobody listens is lost, and every server that listens gets all of it. For what other programs publish (Spin's Redis trigger); between apps
/// the stream backend loses nothing.
/// </summary>
internal sealed class RedisChannelTopic(string name, RedisLink link, TimeProvider time) : IMessageTopic
{
    private const int Capacity = 10_000;

    private readonly Channel<Delivery> _received = Channel.CreateBounded<Delivery>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly SemaphoreSlim _gate = new(1);
    private bool _subscribed;
    private long _number;

    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken) =>
        await link.RunAsync(connection => connection.GetSubscriber().PublishAsync(RedisChannel.Literal(name), message.Body), cancellationToken).ConfigureAwait(false);

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
                        new Delivery(Interlocked.Increment(ref _number).ToString(CultureInfo.InvariantCulture), new Message((byte[]?)value ?? []), 1, time.GetUtcNow()))).ConfigureAwait(false);
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
}
