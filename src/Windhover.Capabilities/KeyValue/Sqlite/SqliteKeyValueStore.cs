using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Watching;
using Windhover.Capabilities.Sqlite;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.KeyValue.Sqlite;

// Who uses which connection:
//
//   readers    each takes one from the pool (or opens one) and puts it back: in WAL mode they disturb nobody
//   writers    one connection, one at a time: SQLite has one writer anyway, and waiting here is a wait of the guest, not of a thread in SQLite
//
// Those who watch are told by the writer, after its commit and before the next writer's turn: so in order, and only what is durable. What was changed is worked out for them alone.
//
// Nothing is opened before the first call, so that an app that never calls costs no file. An error that is the file's, not the call's, closes the connection:
// the next call opens another, and so recovers when the disk does.

/// <summary>A key-value store in a SQLite file. Calls take microseconds and complete at once, unless another writer is at work.</summary>
internal sealed class SqliteKeyValueStore(string path, long maxBytes, BackendHealth health, TimeProvider time) : IWatchedKeyValueStore, IDisposable
{
    private const int PooledReaders = 8;
    private static readonly TimeSpan s_sweep = TimeSpan.FromMinutes(1);

    private readonly ConcurrentBag<KeyValueConnection> _readers = [];
    private readonly SemaphoreSlim _writing = new(1);
    private readonly StoreListeners _listeners = new();
    private KeyValueConnection? _recent; // the pool's first place: one exchange instead of a bag's search
    private KeyValueConnection? _writer;
    private long _swept;
    private volatile bool _disposed;

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken) =>
        new(Read((key, Now), static (connection, s) => connection.Get(s.key, s.Now)));

    public ValueTask<bool> ExistsAsync(string key, CancellationToken cancellationToken) =>
        new(Read((key, Now), static (connection, s) => connection.Exists(s.key, s.Now)));

    public ValueTask<KeyPage> ListAsync(string prefix, ulong cursor, CancellationToken cancellationToken) => cursor > long.MaxValue
        ? new(new KeyPage([], 0))
        : new(Read((prefix, after: (long)cursor, Now), static (connection, s) => connection.List(s.prefix, s.after, s.Now)));

    public ValueTask<byte[]?[]> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        new(Read((keys, Now), static (connection, s) =>
        {
            var values = new byte[]?[s.keys.Count];
            long bytes = 0;
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = connection.Get(s.keys[i], s.Now);
                KeyValueLimits.CheckValue(bytes += values[i]?.Length ?? 0);
            }

            return values;
        }));

    public ValueTask<bool> SetAsync(string key, ReadOnlyMemory<byte> value, SetOptions options, ChangeWriter writer, CancellationToken cancellationToken)
    {
        long? expires = options.TimeToLive is { } life ? Now + (long)Math.Min(life.TotalMilliseconds, 1L << 52) : null;
        return WriteAsync((key, value, expires, options.IfAbsent, Now), static (connection, s) =>
        {
            if (s.IfAbsent)
                return connection.Add(s.key, s.value.Span, s.expires, s.Now);
            connection.Set(s.key, s.value.Span, s.expires);
            return true;
        }, static (tell, s, isSet) => tell.SetIf(isSet, s.key, s.value), writer, cancellationToken);
    }

    public async ValueTask DeleteAsync(string key, ChangeWriter writer, CancellationToken cancellationToken) => await WriteAsync(
        key, static (connection, key) => connection.Delete(key), static (tell, key, wasThere) => tell.DeleteIf(wasThere, key), writer, cancellationToken).ConfigureAwait(false);

    public ValueTask<long> IncrementAsync(string key, long delta, ChangeWriter writer, CancellationToken cancellationToken) => WriteAsync(
        (key, delta, Now),
        static (connection, s) => connection.Atomically(s, static (c, s) => c.Increment(s.key, s.delta, s.Now)),
        static (tell, s, number) => tell.SetIf(true, s.key, KeyValueConnection.Text(number)),
        writer, cancellationToken);

    public ValueTask<bool> CompareAndSetAsync(
        string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte> value, ChangeWriter writer, CancellationToken cancellationToken) => WriteAsync(
        (key, expected, value, Now),
        static (connection, s) => connection.Atomically(s, static (c, s) => c.CompareAndSet(s.key, s.expected, s.value.Span, s.Now)),
        static (tell, s, isSet) => tell.SetIf(isSet, s.key, s.value),
        writer, cancellationToken);

    public async ValueTask SetManyAsync(IReadOnlyList<(string Key, byte[] Value)> values, ChangeWriter writer, CancellationToken cancellationToken) => await WriteAsync(
        values,
        static (connection, values) => connection.Atomically(values, static (c, values) =>
        {
            foreach ((string key, byte[] value) in values)
                c.Set(key, value, null);
            return true;
        }),
        static (tell, values, _) =>
        {
            foreach ((string key, byte[] value) in values)
                tell.SetIf(true, key, value);
        },
        writer, cancellationToken).ConfigureAwait(false);

    public async ValueTask DeleteManyAsync(IReadOnlyList<string> keys, ChangeWriter writer, CancellationToken cancellationToken) => await WriteAsync(
        (keys, wereThere: _listeners.Any ? new List<string>() : null),
        static (connection, s) => connection.Atomically(s, static (c, s) =>
        {
            foreach (string key in s.keys)
            {
                if (c.Delete(key))
                    s.wereThere?.Add(key);
            }

            return true;
        }),
        static (tell, s, _) => s.wereThere?.ForEach(key => tell.DeleteIf(true, key)),
        writer, cancellationToken).ConfigureAwait(false);

    public IKeyValueWatch Watch(IChangeListener listener) => _listeners.Add(this, listener);

    public async ValueTask CheckAsync(CancellationToken cancellationToken) => await ExistsAsync("", cancellationToken).ConfigureAwait(false);

    public void Dispose()
    {
        _disposed = true;
        Interlocked.Exchange(ref _recent, null)?.Dispose();
        while (_readers.TryTake(out KeyValueConnection? reader))
            reader.Dispose();
        _writing.Wait();
        _writer?.Dispose();
        _writer = null;
        _writing.Release();
    }

    private T Read<T, TState>(TState state, Func<KeyValueConnection, TState, T> action)
    {
        KeyValueConnection? connection = Interlocked.Exchange(ref _recent, null);
        if (connection is null && !_readers.TryTake(out connection))
            connection = Open();
        try
        {
            T result = action(connection, state);
            health.Works();
            Return(ref connection);
            return result;
        }
        catch (BackendException error) when (error.Failure != BackendFailure.Unavailable)
        {
            Return(ref connection);
            throw;
        }
        catch (BackendException error)
        {
            throw health.Fails(error);
        }
        finally
        {
            connection?.Dispose();
        }
    }

    private void Return(ref KeyValueConnection? connection)
    {
        if (_disposed)
            return;
        connection = Interlocked.Exchange(ref _recent, connection);
        if (connection is not null && _readers.Count < PooledReaders)
        {
            _readers.Add(connection);
            connection = null;
        }
    }

    private async ValueTask<T> WriteAsync<T, TState>(
        TState state, Func<KeyValueConnection, TState, T> action, Action<ChangeTeller, TState, T> tell, ChangeWriter writer, CancellationToken cancellationToken)
    {
        ChangeTeller? teller = _listeners.Any ? new ChangeTeller(_listeners, writer) : null;
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _writer ??= Open();
            if (time.GetElapsedTime(_swept) > s_sweep)
            {
                _swept = time.GetTimestamp();
                _writer.RemoveExpired(Now);
            }

            T result = action(_writer, state);
            health.Works();
            if (teller is not null)
                tell(teller, state, result);
            return result;
        }
        catch (BackendException error) when (error.Failure == BackendFailure.Unavailable)
        {
            _writer?.Dispose();
            _writer = null;
            throw health.Fails(error);
        }
        finally
        {
            _writing.Release();
        }
    }

    private KeyValueConnection Open()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        try
        {
            return new KeyValueConnection(SqliteFileConnection.Open(path, KeyValueConnection.Schema, maxBytes));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException or BackendException)
        {
            throw health.Fails(error);
        }
    }
}
