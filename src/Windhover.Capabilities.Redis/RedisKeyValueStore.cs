using System.Globalization;
using StackExchange.Redis;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.Redis;

/// <summary>
/// A key-value store in Redis: plain string keys that begin with the store's prefix, so that other programs read and write the same. Listing walks all of the
/// database (SCAN), a page at a time.
/// </summary>
internal sealed class RedisKeyValueStore(RedisConnection connection, string prefix, BackendHealth health) : IWatchedKeyValueStore
{
    private const string CompareAndSet = """
        local now = redis.call('GET', KEYS[1])
        if ARGV[1] == '0' then
          if now ~= false then return 0 end
        elseif now ~= ARGV[2] then
          return 0
        end
        redis.call('SET', KEYS[1], ARGV[3])
        return 1
        """;

    // SCAN takes a pattern: what a prefix has of its signs is escaped.
    private readonly RedisValue _pattern = Escape(prefix) + "*";

    /// <summary>Text in a pattern of Redis, standing for itself.</summary>
    public static string Escape(string text) => string.Concat(text.Select(c => c is '*' or '?' or '[' or ']' or '\\' or '^' ? $"\\{c}" : c.ToString()));

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken) =>
        RunAsync(Key(key), static async (database, key) => (byte[]?)await database.StringGetAsync(key).ConfigureAwait(false));

    public ValueTask<bool> SetAsync(string key, ReadOnlyMemory<byte> value, SetOptions options, ChangeWriter writer, CancellationToken cancellationToken) =>
        WriteAsync(writer, (key: Key(key), value, options), static (database, s) =>
            database.StringSetAsync(s.key, s.value, s.options.TimeToLive, s.options.IfAbsent ? When.NotExists : When.Always));

    public async ValueTask DeleteAsync(string key, ChangeWriter writer, CancellationToken cancellationToken) =>
        await WriteAsync(writer, Key(key), static (database, key) => database.KeyDeleteAsync(key)).ConfigureAwait(false);

    public ValueTask<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        RunAsync(Key(key), static (database, key) => database.KeyExistsAsync(key));

    public async ValueTask<KeyPage> ListAsync(string keyPrefix, ulong cursor, CancellationToken cancellationToken)
    {
        RedisValue pattern = keyPrefix.Length == 0 ? _pattern : new RedisKeyValueStore(connection, prefix + keyPrefix, health)._pattern;
        var keys = new List<string>();
        do
        {
            RedisResult page = await RunAsync((cursor, pattern), static (database, s) =>
                database.ExecuteAsync("SCAN", s.cursor.ToString(CultureInfo.InvariantCulture), "MATCH", s.pattern, "COUNT", KeyValueLimits.KeysPerPage)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            cursor = ulong.Parse((string)page[0]!, CultureInfo.InvariantCulture);
            foreach (string? key in (string?[])page[1]!)
                keys.Add(key![prefix.Length..]);
        }
        while (cursor != 0 && keys.Count == 0);
        return new KeyPage(keys, cursor);
    }

    public ValueTask<long> IncrementAsync(string key, long delta, ChangeWriter writer, CancellationToken cancellationToken) =>
        WriteAsync(writer, (key: Key(key), delta), static (database, s) => database.StringIncrementAsync(s.key, s.delta));

    public ValueTask<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte> value, ChangeWriter writer, CancellationToken cancellationToken) =>
        WriteAsync(writer, (key: Key(key), expected, value), static async (database, s) => (bool)await database.ScriptEvaluateAsync(
            CompareAndSet, [s.key], [s.expected is null ? "0" : "1", s.expected ?? ReadOnlyMemory<byte>.Empty, s.value]).ConfigureAwait(false));

    public async ValueTask<byte[]?[]> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
            return [];
        RedisValue[] values = await RunAsync(Keys(keys), static (database, keys) => database.StringGetAsync(keys)).ConfigureAwait(false);
        return Array.ConvertAll(values, static value => (byte[]?)value);
    }

    public async ValueTask SetManyAsync(IReadOnlyList<(string Key, byte[] Value)> values, ChangeWriter writer, CancellationToken cancellationToken)
    {
        if (values.Count == 0)
            return;
        KeyValuePair<RedisKey, RedisValue>[] pairs = [.. values.Select(v => new KeyValuePair<RedisKey, RedisValue>(Key(v.Key), v.Value))];
        await WriteAsync(writer, pairs, static (database, pairs) => database.StringSetAsync(pairs)).ConfigureAwait(false);
    }

    public async ValueTask DeleteManyAsync(IReadOnlyList<string> keys, ChangeWriter writer, CancellationToken cancellationToken)
    {
        if (keys.Count > 0)
            await WriteAsync(writer, Keys(keys), static (database, keys) => database.KeyDeleteAsync(keys)).ConfigureAwait(false);
    }

    public async ValueTask CheckAsync(CancellationToken cancellationToken) =>
        await RunAsync(0, static (database, _) => database.PingAsync()).ConfigureAwait(false);

    public IKeyValueWatch Watch(IChangeListener listener) => new RedisStoreWatch(connection, prefix, health, listener);

    private RedisKey Key(string key) => prefix + key;

    private RedisKey[] Keys(IReadOnlyList<string> keys) => [.. keys.Select(Key)];

    // What a watcher's run writes says so, in one piece with the write: RedisStoreWatch. All other writes are as if nobody watched.
    private ValueTask<T> WriteAsync<T, TState>(ChangeWriter writer, TState state, Func<IDatabaseAsync, TState, Task<T>> action) =>
        writer.Origin is { Watcher: not null } origin
            ? RunAsync((state, action, origin, prefix), static async (database, s) =>
            {
                ITransaction transaction = database.CreateTransaction();
                RedisChannel channel = RedisStoreWatch.MarkChannel(database.Database, s.prefix);
                Task<long> before = transaction.PublishAsync(channel, RedisStoreWatch.Mark(s.origin));
                Task<T> result = s.action(transaction, s.state);
                Task<long> after = transaction.PublishAsync(channel, RedisValue.EmptyString);
                await transaction.ExecuteAsync().ConfigureAwait(false);
                await Task.WhenAll(before, result, after).ConfigureAwait(false);
                return await result.ConfigureAwait(false);
            })
            : RunAsync(state, action);

    private async ValueTask<T> RunAsync<T, TState>(TState state, Func<IDatabase, TState, Task<T>> action)
    {
        try
        {
            IDatabase database = await connection.GetDatabaseAsync().ConfigureAwait(false);
            T result = await action(database, state).ConfigureAwait(false);
            health.Works();
            return result;
        }
        catch (Exception error) when (RedisErrors.IsClient(error))
        {
            throw RedisErrors.Translate(error, health);
        }
    }
}
