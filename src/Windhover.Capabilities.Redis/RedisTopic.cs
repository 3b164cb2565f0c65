using System.Collections.Concurrent;
using System.Globalization;
using StackExchange.Redis;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Messaging;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Redis;

// A topic is a stream, a group of consumers, and a sorted set of messages that wait for their next attempt:
//
//   send      XADD stream * b BODY h HEADERS a 1, PUBLISH stream:new
//   receive   XREADGROUP > (up to Ahead messages at a time; what nobody asked for yet waits here)
//             nothing there: wait for the PUBLISH, at most PollEvery, since other programs may XADD without one
//   complete  XACK, XDEL
//   retry     one script: XACK, XDEL, and ZADD stream:later DUE (a message is never in neither)
//             one script at each look: what is due goes from stream:later to the stream
//   died      XPENDING IDLE visibility, XCLAIM: the count of deliveries goes on the attempts
//
// All on one multiplexed connection: blocking reads would hold up everybody else's calls.
internal sealed class RedisTopic : IReplyTopic
{
    private const int Ahead = 64;
    private static readonly TimeSpan s_pollEvery = TimeSpan.FromMilliseconds(250);

    private const string Later = """
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
        redis.call('XDEL', KEYS[1], ARGV[2])
        redis.call('ZADD', KEYS[2], ARGV[3], cmsgpack.pack({ARGV[2], ARGV[4], ARGV[5], ARGV[6]}))
        return 1
        """;

    private const string Due = """
        local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, 100)
        for _, packed in ipairs(due) do
          local m = cmsgpack.unpack(packed)
          redis.call('XADD', KEYS[1], '*', 'b', m[2], 'h', m[3], 'a', m[4])
          redis.call('ZREM', KEYS[2], packed)
        end
        return #due
        """;

    private readonly string _name;
    private readonly RedisKey _stream;
    private readonly RedisKey _later;
    private readonly RedisValue _group;
    private readonly RedisValue _consumer = $"{Environment.MachineName}:{Environment.ProcessId}:{Guid.NewGuid():N}";
    private readonly RedisChannel _news;
    private readonly TimeSpan _visibility;
    private readonly ResourceLease<RedisConnection> _connection;
    private readonly BackendHealth _health;
    private readonly TimeProvider _time;
    private readonly ConcurrentQueue<(Delivery Delivery, long At)> _ahead = new();
    private readonly SemaphoreSlim _reading = new(1);
    private volatile TaskCompletionSource _signal = NewSignal();
    private bool _grouped;
    private bool _subscribed;
    private long _claimed;
    private long _moved;

    public RedisTopic(
        string name, string stream, string group, TimeSpan visibility, ResourceLease<RedisConnection> connection, BackendHealth health, TimeProvider time)
    {
        _name = name;
        _stream = stream;
        _later = stream + ":later";
        _news = RedisChannel.Literal(stream + ":new");
        _group = group;
        _visibility = visibility;
        _connection = connection;
        _health = health;
        _time = time;
    }

    public IReplyBroker Replies => _connection.Value.Replies;

    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await RunAsync(async database =>
        {
            Task<RedisValue> added = database.StreamAddAsync(
                _stream, [new("b", message.Body), new("h", MessageCodec.Write(message.Headers)), new("a", 1)]);
            _ = database.PublishAsync(_news, RedisValue.EmptyString, CommandFlags.FireAndForget);
            await added.ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            TaskCompletionSource signal = _signal;
            if (Take(most) is { } taken)
                return taken;
            await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
            bool any;
            try
            {
                any = !_ahead.IsEmpty || await RunAsync(database => FillAsync(database, most)).ConfigureAwait(false);
            }
            finally
            {
                _reading.Release();
            }

            if (any)
                continue;
            try
            {
                await signal.Task.WaitAsync(s_pollEvery, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Nobody told; look all the same.
            }
        }
    }

    public async ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        RedisValue[] ids = [.. deliveries.Select(d => (RedisValue)d.Id)];
        await RunAsync(async database =>
        {
            Task<long> acknowledged = database.StreamAcknowledgeAsync(_stream, _group, ids);
            await database.StreamDeleteAsync(_stream, ids).ConfigureAwait(false);
            await acknowledged.ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
    }

    public async ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken)
    {
        long due = (_time.GetUtcNow() + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero)).ToUnixTimeMilliseconds();
        await RunAsync(database => database.ScriptEvaluateAsync(
            Later, [_stream, _later],
            [_group, delivery.Id, due, delivery.Message.Body, MessageCodec.Write(delivery.Message.Headers), delivery.Attempt + 1])).ConfigureAwait(false);
        if (delay <= TimeSpan.Zero)
            _moved = 0;
    }

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => RunAsync(async database =>
    {
        Task<long> later = database.SortedSetLengthAsync(_later);
        return await database.StreamLengthAsync(_stream).ConfigureAwait(false) + await later.ConfigureAwait(false);
    });

    public ValueTask DisposeAsync()
    {
        _connection.Dispose();
        _reading.Dispose();
        return ValueTask.CompletedTask;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Delivery[]? Take(int most)
    {
        var taken = new List<Delivery>();
        while (taken.Count < most && _ahead.TryDequeue(out (Delivery Delivery, long At) next))
        {
            // One that has waited here for long may be another consumer's by the time it is handled: leave it to be claimed.
            if (_time.GetElapsedTime(next.At) < _visibility / 2)
                taken.Add(next.Delivery);
        }

        return taken.Count == 0 ? null : [.. taken];
    }

    // Reads what is there into _ahead; answers whether it found anything.
    private async Task<bool> FillAsync(IDatabase database, int most)
    {
        await PrepareAsync(database).ConfigureAwait(false);
        if (_time.GetElapsedTime(_moved) > s_pollEvery)
        {
            _moved = _time.GetTimestamp();
            await database.ScriptEvaluateAsync(Due, [_stream, _later], [_time.GetUtcNow().ToUnixTimeMilliseconds()]).ConfigureAwait(false);
        }

        if (_claimed == 0 || _time.GetElapsedTime(_claimed) > _visibility / 4)
        {
            _claimed = Math.Max(1, _time.GetTimestamp());
            await ClaimAsync(database).ConfigureAwait(false);
        }

        StreamEntry[] entries = await database.StreamReadGroupAsync(_stream, _group, _consumer, StreamPosition.NewMessages, Math.Max(most, Ahead)).ConfigureAwait(false);
        long now = _time.GetTimestamp();
        foreach (StreamEntry entry in entries)
            _ahead.Enqueue((Read(entry, 0), now));
        return !_ahead.IsEmpty;
    }

    private async Task PrepareAsync(IDatabase database)
    {
        if (!_subscribed)
        {
            try
            {
                ConnectionMultiplexer multiplexer = await _connection.Value.GetAsync().ConfigureAwait(false);
                await multiplexer.GetSubscriber().SubscribeAsync(_news, (_, _) => Interlocked.Exchange(ref _signal, NewSignal()).TrySetResult()).ConfigureAwait(false);
                _subscribed = true;
            }
            catch (RedisConnectionException)
            {
                // News have a connection of their own, which comes up after the other one. Until it is there, messages are found by looking.
            }
        }

        if (_grouped)
            return;
        try
        {
            await database.StreamCreateConsumerGroupAsync(_stream, _group, StreamPosition.Beginning, createStream: true).ConfigureAwait(false);
        }
        catch (RedisServerException error) when (error.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
        {
            // It is there already.
        }

        _grouped = true;
    }

    private async Task ClaimAsync(IDatabase database)
    {
        StreamPendingMessageInfo[] pending = await database.StreamPendingMessagesAsync(
            _stream, _group, Ahead, RedisValue.Null, minIdleTimeInMs: (long)_visibility.TotalMilliseconds).ConfigureAwait(false);
        if (pending.Length == 0)
            return;
        StreamEntry[] claimed = await database.StreamClaimAsync(
            _stream, _group, _consumer, (long)_visibility.TotalMilliseconds, [.. pending.Select(p => p.MessageId)]).ConfigureAwait(false);
        long now = _time.GetTimestamp();
        foreach (StreamEntry entry in claimed)
        {
            if (!entry.IsNull)
                _ahead.Enqueue((Read(entry, pending.First(p => p.MessageId == entry.Id).DeliveryCount), now));
        }
    }

    private static Delivery Read(StreamEntry entry, int deliveriesBefore)
    {
        int attempt = entry["a"].TryParse(out int number) ? number : 1;
        string id = entry.Id!;
        DateTimeOffset sent = long.TryParse(id.AsSpan(0, Math.Max(0, id.IndexOf('-', StringComparison.Ordinal))), CultureInfo.InvariantCulture, out long ms)
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : default;
        return new Delivery(id, new Message((byte[]?)entry["b"] ?? [], MessageCodec.Read((byte[]?)entry["h"])), attempt + deliveriesBefore, sent);
    }

    private async ValueTask<T> RunAsync<T>(Func<IDatabase, Task<T>> action)
    {
        for (bool again = true; ; again = false)
        {
            try
            {
                T result = await action(await _connection.Value.GetDatabaseAsync().ConfigureAwait(false)).ConfigureAwait(false);
                _health.Works();
                return result;
            }
            catch (RedisServerException error) when (again && error.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
            {
                _grouped = false; // Redis came back without its data.
            }
            catch (Exception error) when (RedisErrors.IsClient(error))
            {
                BackendException failure = RedisErrors.Translate(error, _health);
                throw new CapabilityException($"the topic `{_name}`: {failure.Message}", _name, error);
            }
        }
    }
}
