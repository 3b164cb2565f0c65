using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.Sqlite;

/// <summary>
/// A database that guests run SQL on. Each connection that a guest opens is its own; when the guest closes it, it is kept for the next one, unless
/// something of the guest could be left on it.
/// </summary>
internal sealed class SqliteDatabase(string path, long maxBytes, TimeSpan timeout, BackendHealth health, TimeProvider time) : IDisposable
{
    private const int Pooled = 8;
    private readonly ConcurrentBag<SqliteSession> _idle = [];
    private volatile bool _disposed;

    /// <summary>How long one statement may run.</summary>
    public TimeSpan Timeout => timeout;

    /// <exception cref="BackendException">The file cannot be opened.</exception>
    public SqliteSession Open()
    {
        if (_idle.TryTake(out SqliteSession? session))
            return session;
        try
        {
            session = new SqliteSession(SqliteFileConnection.Open(path, "PRAGMA foreign_keys = ON;", maxBytes), time);
            health.Works();
            return session;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException or BackendException)
        {
            throw health.Fails(error);
        }
    }

    /// <summary>A guest closed its connection.</summary>
    /// <param name="session">The connection.</param>
    /// <param name="isClean">Whether nothing is left on it: no transaction, no temporary table, no setting.</param>
    public void Close(SqliteSession session, bool isClean)
    {
        if (isClean && !session.InTransaction && !_disposed && _idle.Count < Pooled)
            _idle.Add(session);
        else
            session.Dispose();
    }

    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out SqliteSession? session))
            session.Dispose();
    }
}
