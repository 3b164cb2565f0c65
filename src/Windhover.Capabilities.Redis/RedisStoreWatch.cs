using System.Globalization;
using StackExchange.Redis;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.Redis;

// Redis tells who subscribed of what happens to keys, whoever does it (notify-keyspace-events): the key, and a word for what was done, but neither the value nor by whom. The value
// is read when its turn comes. By whom, a write that a watcher's run makes says itself, by what it publishes around itself in one transaction:
//
//   MULTI                                                       subscriber (one pattern for both, so one order)
//   PUBLISH __keywatch@0__:shop:  "3 index/…"        ──►        from here on: by the watcher index, depth 3
//   SET shop:k v                  __keyspace@0__:shop:k "set" ──►  shop:k was set, by it
//   PUBLISH __keywatch@0__:shop:  ""                 ──►        from here on: by nobody in particular
//   EXEC
//
// Redis runs a transaction in one piece and keeps the order on a connection, so nobody else's change comes between. Whoever can publish there can make a change look as if a watcher
// had made it; he could as well change the keys.

/// <summary>A listener to a store in Redis.</summary>
internal sealed class RedisStoreWatch : IKeyValueWatch
{
    private const string Events = "__keyspace@";
    private const string Marks = "__keywatch@";
    private const int MaxMark = 1000;

    private const string GetBounded = """
        local size = redis.call('STRLEN', KEYS[1])
        if size > tonumber(ARGV[1]) then return size end
        return redis.call('GET', KEYS[1])
        """;

    private readonly RedisConnection _connection;
    private readonly string _prefix;
    private readonly BackendHealth _health;
    private readonly IChangeListener _listener;
    private readonly SemaphoreSlim _starting = new(1);
    private volatile ChannelMessageQueue? _queue;
    private volatile bool _lost;
    private ConnectionMultiplexer? _multiplexer;
    private volatile bool _disposed;
    private string _eventPrefix = "";
    private string _mark = "";
    private ChangeOrigin? _origin;

    public RedisStoreWatch(RedisConnection connection, string prefix, BackendHealth health, IChangeListener listener)
    {
        _connection = connection;
        _prefix = prefix;
        _health = health;
        _listener = listener;
    }

    /// <summary>Where a write of a watcher says whose it is.</summary>
    public static RedisChannel MarkChannel(int database, string prefix) => RedisChannel.Literal(Channel(Marks, database, prefix));

    /// <summary>What it says.</summary>
    public static string Mark(ChangeOrigin origin) => string.Create(CultureInfo.InvariantCulture, $"{origin.Depth} {origin.Watcher}");

    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        await _starting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ConnectionMultiplexer multiplexer = await _connection.GetAsync().ConfigureAwait(false);
            IDatabase database = multiplexer.GetDatabase();
            if (_queue is null)
                await SubscribeAsync(multiplexer, database.Database).ConfigureAwait(false);
            if (!multiplexer.GetSubscriber().IsConnected(RedisChannel.Literal(_mark)))
                throw new IOException("the connection for news is not there");
            await CheckSettingAsync(database).ConfigureAwait(false);
            _health.Works();
        }
        catch (Exception error) when (RedisErrors.IsClient(error))
        {
            throw RedisErrors.Translate(error, _health);
        }
        finally
        {
            _starting.Release();
        }
    }

    public async ValueTask<byte[]?> ReadAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            IDatabase database = await _connection.GetDatabaseAsync().ConfigureAwait(false);
            RedisResult value = await database.ScriptEvaluateAsync(GetBounded, [_prefix + key], [KeyValueLimits.ValueBytes]).ConfigureAwait(false);
            _health.Works();
            return value.Resp2Type == ResultType.Integer
                ? throw new BackendException($"it has {(long)value} bytes; at most {KeyValueLimits.ValueBytes >> 20} MiB can be", BackendFailure.Invalid)
                : (byte[]?)value;
        }
        catch (Exception error) when (RedisErrors.IsClient(error))
        {
            throw RedisErrors.Translate(error, _health);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _queue?.Unsubscribe(CommandFlags.FireAndForget);
        if (_multiplexer is not null)
            _multiplexer.ConnectionFailed -= Lost;
    }

    private async Task SubscribeAsync(ConnectionMultiplexer multiplexer, int database)
    {
        _eventPrefix = Channel(Events, database, _prefix);
        _mark = Channel(Marks, database, _prefix);
        string pattern = $"__key[sw]*@{database}__:{RedisKeyValueStore.Escape(_prefix)}*";
        ChannelMessageQueue queue = await multiplexer.GetSubscriber().SubscribeAsync(RedisChannel.Pattern(pattern)).ConfigureAwait(false);
        multiplexer.ConnectionFailed += Lost;
        _multiplexer = multiplexer;
        _queue = queue;
        queue.OnMessage(message => Received(message.Channel.ToString(), message.Message));
        if (_disposed)
            Dispose();
    }

    // A mark whose end was lost with the connection is over.
    private void Lost(object? sender, ConnectionFailedEventArgs failed) => _lost = true;

    private void Received(string channel, RedisValue message)
    {
        if (_lost)
        {
            _lost = false;
            _origin = null;
        }

        if (channel == _mark)
        {
            _origin = Read(message);
            return;
        }

        if (_disposed || !channel.StartsWith(_eventPrefix, StringComparison.Ordinal) || Kind(message) is not { } kind)
            return;
        string key = channel[_eventPrefix.Length..];

        // What guests could not have written, they are not told: too long, or no text.
        if (key.Length <= KeyValueLimits.KeyBytes && !key.Contains('\uFFFD', StringComparison.Ordinal))
            _listener.Changed(new StoreChange(kind, key, null, _origin));
    }

    // The words are Redis' own (https://redis.io/docs/latest/develop/pubsub/keyspace-notifications): those of strings, and of keys as such. What expires, or is evicted, nobody changed.
    private static ChangeKind? Kind(RedisValue message) => (string?)message switch
    {
        "set" or "setrange" or "setbit" or "append" or "incrby" or "incrbyfloat" or "rename_to" or "move_to" or "copy_to" or "restore" => ChangeKind.Set,
        "del" or "rename_from" or "move_from" => ChangeKind.Delete,
        _ => null,
    };

    private static ChangeOrigin? Read(RedisValue message)
    {
        string text = message.Length() <= MaxMark ? (string?)message ?? "" : "";
        int space = text.IndexOf(' ', StringComparison.Ordinal);
        return space > 0 && int.TryParse(text.AsSpan(0, space), NumberStyles.None, CultureInfo.InvariantCulture, out int depth) && depth < 1000
            ? new ChangeOrigin(text[(space + 1)..], depth)
            : null;
    }

    private static async Task CheckSettingAsync(IDatabase database)
    {
        string flags;
        try
        {
            RedisResult answer = await database.ExecuteAsync("CONFIG", "GET", "notify-keyspace-events").ConfigureAwait(false);
            flags = answer.Length >= 2 ? (string?)answer[1] ?? "" : "";
        }
        catch (RedisServerException error) when (error.Message.StartsWith("NOPERM", StringComparison.Ordinal) || error.Message.StartsWith("ERR unknown", StringComparison.Ordinal))
        {
            return; // Who may not look takes it that whoever runs it has set it.
        }

        bool all = flags.Contains('A', StringComparison.Ordinal);
        if (!flags.Contains('K', StringComparison.Ordinal) || !(all || (flags.Contains('g', StringComparison.Ordinal) && flags.Contains('$', StringComparison.Ordinal))))
            throw new CapabilityException($"this Redis tells nobody of changes (notify-keyspace-events is \"{flags}\"): set it by `redis-cli config set notify-keyspace-events Kg$`, and in redis.conf");
    }

    private static string Channel(string kind, int database, string prefix) => string.Create(CultureInfo.InvariantCulture, $"{kind}{database}__:{prefix}");
}
