using StackExchange.Redis;
using Windhover.Hosting.Messaging;

namespace Windhover.Messaging.Redis;

// A topic on a Redis stream with one consumer group.
//
//   windhover:{TOPIC}           the stream; an entry is one envelope (MessageEnvelope) in the field d
//   windhover:{TOPIC}:delayed   what is to be retried, an envelope scored by when
//   windhover:{TOPIC}:wake      published with each sending: who waits looks at once, not after its poll
//
//   send      XADD, PUBLISH                     receive    (1) what is due of the delayed goes to the stream   (script)
//   complete  XACK, XDEL                                   (2) XREADGROUP >
//   retry     ZADD, XACK, XDEL  (script)                   (3) nothing: XAUTOCLAIM of what a dead consumer left, then wait
//
// Whoever is killed between two commands leaves the message pending: it is claimed after `visibility`. The braces keep a topic's keys on one node of
// a cluster.
internal sealed class RedisStreamTopic : IMessageTopic
{
    private const string Group = "windhover";
    private const string Field = "d";
    private static readonly TimeSpan s_poll = TimeSpan.FromSeconds(1);

    private const string MoveDue = """
        local due = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[1], 'LIMIT', 0, 100)
        for _, m in ipairs(due) do redis.call('ZREM', KEYS[2], m); redis.call('XADD', KEYS[1], '*', 'd', string.sub(m, 17)) end
        return #due
        """;

    private const string Retry = """
        redis.call('ZADD', KEYS[2], ARGV[1], ARGV[2])
        redis.call('XACK', KEYS[1], ARGV[3], ARGV[4])
        return redis.call('XDEL', KEYS[1], ARGV[4])
        """;

    private readonly RedisLink _link;
    private readonly TimeSpan _visibility;
    private readonly TimeProvider _time;
    private readonly RedisKey _stream;
    private readonly RedisKey _delayed;
    private readonly RedisChannel _wake;
    private readonly string _consumer = $"{Environment.MachineName}-{Environment.ProcessId}-{Guid.NewGuid():N}";
    private readonly Lock _lock = new();
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<bool>? _prepared;
    private long _claimedAt;

    public RedisStreamTopic(string name, RedisLink link, TimeSpan visibility, TimeProvider time)
    {
        _link = link;
        _visibility = visibility;
        _time = time;
        _stream = $"windhover:{{{name}}}";
        _delayed = $"windhover:{{{name}}}:delayed";
        _wake = RedisChannel.Literal($"windhover:{{{name}}}:wake");
    }

    public async ValueTask SendAsync(Message message, CancellationToken cancellationToken)
    {
        byte[] envelope = MessageEnvelope.Write(message, 1, _time.GetUtcNow());
        await _link.RunAsync(
            async connection =>
            {
                IDatabase database = connection.GetDatabase();
                RedisValue id = await database.StreamAddAsync(_stream, Field, envelope).ConfigureAwait(false);
                await connection.GetSubscriber().PublishAsync(_wake, RedisValue.EmptyString, CommandFlags.FireAndForget).ConfigureAwait(false);
                return id;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<Delivery>> ReceiveAsync(int most, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task signal;
            lock (_lock)
                signal = _signal.Task;
            IReadOnlyList<Delivery> found = await _link.RunAsync(connection => TakeAsync(connection, most), cancellationToken).ConfigureAwait(false);
            if (found.Count > 0)
                return found;
            try
            {
                await signal.WaitAsync(s_poll, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // Time to look for delayed messages, and for those of dead consumers.
            }
        }
    }

    public async ValueTask CompleteAsync(IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        RedisValue[] ids = [.. deliveries.Select(d => (RedisValue)d.Id)];
        await _link.RunAsync(
            async connection =>
            {
                IDatabase database = connection.GetDatabase();
                Task<long> acknowledged = database.StreamAcknowledgeAsync(_stream, Group, ids);
                Task<long> deleted = database.StreamDeleteAsync(_stream, ids);
                await Task.WhenAll(acknowledged, deleted).ConfigureAwait(false);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask RetryAsync(Delivery delivery, TimeSpan delay, CancellationToken cancellationToken)
    {
        long due = (_time.GetUtcNow() + delay).ToUnixTimeMilliseconds();
        // Members of a sorted set are unique: 16 bytes tell two equal messages apart.
        byte[] member = [.. Guid.NewGuid().ToByteArray(), .. MessageEnvelope.Write(delivery.Message, delivery.Attempt + 1, delivery.SentAt)];
        await _link.RunAsync(
            connection => connection.GetDatabase().ScriptEvaluateAsync(Retry, [_stream, _delayed], [due, member, Group, delivery.Id]), cancellationToken).ConfigureAwait(false);
        if (delay <= TimeSpan.Zero)
            Wake();
    }

    public ValueTask<long> CountAsync(CancellationToken cancellationToken) => _link.RunAsync(
        async connection => await connection.GetDatabase().StreamLengthAsync(_stream).ConfigureAwait(false) + await connection.GetDatabase().SortedSetLengthAsync(_delayed).ConfigureAwait(false),
        cancellationToken);

    public ValueTask DisposeAsync() => _link.DisposeAsync();

    private async Task<IReadOnlyList<Delivery>> TakeAsync(ConnectionMultiplexer connection, int most)
    {
        IDatabase database = connection.GetDatabase();
        await PrepareAsync(connection).ConfigureAwait(false);
        await database.ScriptEvaluateAsync(MoveDue, [_stream, _delayed], [_time.GetUtcNow().ToUnixTimeMilliseconds()]).ConfigureAwait(false);
        try
        {
            StreamEntry[] entries = await database.StreamReadGroupAsync(_stream, Group, _consumer, ">", most).ConfigureAwait(false);
            if (entries.Length > 0)
                return [.. entries.Select(e => ToDelivery(e, 1))];
            return await ClaimAsync(database, most).ConfigureAwait(false);
        }
        catch (RedisServerException error) when (error.Message.StartsWith("NOGROUP", StringComparison.Ordinal))
        {
            // Redis lost its data, or somebody deleted the key.
            _prepared = null;
            return [];
        }
    }

    private async Task<IReadOnlyList<Delivery>> ClaimAsync(IDatabase database, int most)
    {
        TimeSpan pause = _visibility / 4 < s_poll ? _visibility / 4 : s_poll;
        long last = Volatile.Read(ref _claimedAt);
        if (last != 0 && _time.GetElapsedTime(last) < pause)
            return [];
        Volatile.Write(ref _claimedAt, _time.GetTimestamp());
        StreamAutoClaimResult claimed = await database.StreamAutoClaimAsync(_stream, Group, _consumer, (long)_visibility.TotalMilliseconds, "0-0", most).ConfigureAwait(false);
        var found = new List<Delivery>();
        foreach (StreamEntry entry in claimed.ClaimedEntries ?? [])
        {
            if (entry.IsNull || entry[Field].IsNull)
                continue;
            StreamPendingMessageInfo[] pending = await database.StreamPendingMessagesAsync(_stream, Group, 1, _consumer, entry.Id, entry.Id).ConfigureAwait(false);
            found.Add(ToDelivery(entry, pending.Length == 1 ? pending[0].DeliveryCount : 2));
        }

        return found;
    }

    private static Delivery ToDelivery(StreamEntry entry, int deliveries)
    {
        (Message message, int attempt, DateTimeOffset sentAt) = MessageEnvelope.Read((byte[]?)entry[Field] ?? []);
        return new Delivery(entry.Id.ToString(), message, attempt + deliveries - 1, sentAt);
    }

    private Task<bool> PrepareAsync(ConnectionMultiplexer connection)
    {
        lock (_lock)
        {
            if (_prepared is null || _prepared.IsFaulted || _prepared.IsCanceled)
                _prepared = Prepare();
            return _prepared;
        }

        async Task<bool> Prepare()
        {
            try
            {
                await connection.GetDatabase().StreamCreateConsumerGroupAsync(_stream, Group, "0-0", createStream: true).ConfigureAwait(false);
            }
            catch (RedisServerException error) when (error.Message.StartsWith("BUSYGROUP", StringComparison.Ordinal))
            {
                // It is there.
            }

            await connection.GetSubscriber().SubscribeAsync(_wake, (_, _) => Wake()).ConfigureAwait(false);
            return true;
        }
    }

    private void Wake()
    {
        TaskCompletionSource signal;
        lock (_lock)
        {
            signal = _signal;
            _signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.TrySetResult();
    }
}
