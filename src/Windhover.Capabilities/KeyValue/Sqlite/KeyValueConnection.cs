using System.Globalization;
using System.Text;
using SQLitePCL;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Sqlite;
using static SQLitePCL.raw;

namespace Windhover.Capabilities.KeyValue.Sqlite;

/// <summary>
/// One connection to a store's file, with its statements prepared. Used by one thread at a time. It calls SQLite directly: a get through
/// <c>SqliteCommand</c> allocates a command, a reader and boxes, and costs twice as much.
/// </summary>
internal sealed class KeyValueConnection : IDisposable
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS kv (id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, value BLOB NOT NULL, expires INTEGER);
        CREATE INDEX IF NOT EXISTS kv_expires ON kv (expires) WHERE expires IS NOT NULL;
        """;

    private readonly SqliteFileConnection _file;
    private sqlite3_stmt? _get, _set, _add, _delete, _exists, _list, _begin, _commit, _rollback, _expire;

    public KeyValueConnection(SqliteFileConnection file) => _file = file;

    public byte[]? Get(string key, long now)
    {
        sqlite3_stmt get = _get ??= _file.Prepare("SELECT value FROM kv WHERE key = ?1 AND (expires IS NULL OR expires > ?2)");
        try
        {
            Bind(get, 1, key);
            sqlite3_bind_int64(get, 2, now);
            return _file.Step(get) ? sqlite3_column_blob(get, 0).ToArray() : null;
        }
        finally
        {
            SqliteFileConnection.Reset(get);
        }
    }

    public bool Exists(string key, long now)
    {
        sqlite3_stmt exists = _exists ??= _file.Prepare("SELECT 1 FROM kv WHERE key = ?1 AND (expires IS NULL OR expires > ?2)");
        try
        {
            Bind(exists, 1, key);
            sqlite3_bind_int64(exists, 2, now);
            return _file.Step(exists);
        }
        finally
        {
            SqliteFileConnection.Reset(exists);
        }
    }

    public void Set(string key, ReadOnlySpan<byte> value, long? expires) => Write(
        _set ??= _file.Prepare("INSERT INTO kv (key, value, expires) VALUES (?1, ?2, ?3) ON CONFLICT (key) DO UPDATE SET value = ?2, expires = ?3"),
        key, value, expires, null);

    /// <summary>Sets it if it is not there or has expired.</summary>
    public bool Add(string key, ReadOnlySpan<byte> value, long? expires, long now) => Write(
        _add ??= _file.Prepare("""
            INSERT INTO kv (key, value, expires) VALUES (?1, ?2, ?3)
            ON CONFLICT (key) DO UPDATE SET value = ?2, expires = ?3 WHERE expires IS NOT NULL AND expires <= ?4
            """),
        key, value, expires, now);

    /// <returns>Whether it was there.</returns>
    public bool Delete(string key)
    {
        sqlite3_stmt delete = _delete ??= _file.Prepare("DELETE FROM kv WHERE key = ?1");
        try
        {
            Bind(delete, 1, key);
            _file.Step(delete);
            return sqlite3_changes(_file.Handle) > 0;
        }
        finally
        {
            SqliteFileConnection.Reset(delete);
        }
    }

    /// <summary>Up to a page of keys after a row, and the row to go on from (0: that was all).</summary>
    public KeyPage List(string prefix, long after, long now)
    {
        sqlite3_stmt list = _list ??= _file.Prepare(
            "SELECT id, key FROM kv WHERE id > ?1 AND (expires IS NULL OR expires > ?2) AND substr(key, 1, length(?3)) = ?3 ORDER BY id LIMIT ?4");
        var keys = new List<string>();
        try
        {
            sqlite3_bind_int64(list, 1, after);
            sqlite3_bind_int64(list, 2, now);
            Bind(list, 3, prefix);
            sqlite3_bind_int(list, 4, KeyValueLimits.KeysPerPage);
            long last = 0;
            while (_file.Step(list))
            {
                last = sqlite3_column_int64(list, 0);
                keys.Add(SqliteFileConnection.Text(list, 1));
            }

            return new KeyPage(keys, keys.Count == KeyValueLimits.KeysPerPage ? (ulong)last : 0);
        }
        finally
        {
            SqliteFileConnection.Reset(list);
        }
    }

    public long Increment(string key, long delta, long now)
    {
        byte[]? old = Get(key, now);
        long number = 0;
        if (old is not null && !long.TryParse(old, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            throw new BackendException("the value is not a number", BackendFailure.WrongType);
        try
        {
            number = checked(number + delta);
        }
        catch (OverflowException)
        {
            throw new BackendException("the sum does not fit 64 bits", BackendFailure.WrongType);
        }

        Set(key, Text(number), null);
        return number;
    }

    /// <summary>A number as it is kept.</summary>
    public static byte[] Text(long number) => Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture));

    public bool CompareAndSet(string key, ReadOnlyMemory<byte>? expected, ReadOnlySpan<byte> value, long now)
    {
        byte[]? old = Get(key, now);
        if (expected is { } known ? old is null || !known.Span.SequenceEqual(old) : old is not null)
            return false;
        Set(key, value, null);
        return true;
    }

    public void RemoveExpired(long now)
    {
        sqlite3_stmt expire = _expire ??= _file.Prepare("DELETE FROM kv WHERE expires <= ?1");
        try
        {
            sqlite3_bind_int64(expire, 1, now);
            _file.Step(expire);
        }
        finally
        {
            SqliteFileConnection.Reset(expire);
        }
    }

    /// <summary>Runs something as one transaction that holds the write lock from its start.</summary>
    public T Atomically<T, TState>(TState state, Func<KeyValueConnection, TState, T> action)
    {
        _file.Run(_begin ??= _file.Prepare("BEGIN IMMEDIATE"));
        try
        {
            T result = action(this, state);
            _file.Run(_commit ??= _file.Prepare("COMMIT"));
            return result;
        }
        catch
        {
            // A full disk has rolled it back already.
            if (sqlite3_get_autocommit(_file.Handle) == 0)
                _file.Run(_rollback ??= _file.Prepare("ROLLBACK"));
            throw;
        }
    }

    public void Dispose()
    {
        foreach (sqlite3_stmt? statement in new[] { _get, _set, _add, _delete, _exists, _list, _begin, _commit, _rollback, _expire })
            statement?.Dispose();
        _file.Dispose();
    }

    private bool Write(sqlite3_stmt statement, string key, ReadOnlySpan<byte> value, long? expires, long? now)
    {
        try
        {
            Bind(statement, 1, key);
            SqliteFileConnection.BindBlob(statement, 2, value);
            if (expires is { } at)
                sqlite3_bind_int64(statement, 3, at);
            else
                sqlite3_bind_null(statement, 3);
            if (now is { } time)
                sqlite3_bind_int64(statement, 4, time);
            _file.Step(statement);
            return sqlite3_changes(_file.Handle) > 0;
        }
        finally
        {
            SqliteFileConnection.Reset(statement);
        }
    }

    private static void Bind(sqlite3_stmt statement, int index, string key)
    {
        Span<byte> buffer = stackalloc byte[256];
        Span<byte> bytes = key.Length <= buffer.Length / 3 ? buffer : new byte[Encoding.UTF8.GetMaxByteCount(key.Length)];
        SqliteFileConnection.BindText(statement, index, bytes[..Encoding.UTF8.GetBytes(key, bytes)]);
    }
}
