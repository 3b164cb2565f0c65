using System.Collections.Frozen;
using Windhover.Capabilities.Backends;
using Spin2 = Windhover.Capabilities.Sqlite.Bindings.Fermyon.Spin.Sqlite;
using Spin3 = Windhover.Capabilities.Sqlite.Bindings.Spin.Sqlite.Sqlite;

namespace Windhover.Capabilities.Sqlite;

/// <summary>Opens databases for one instance.</summary>
internal sealed class SqliteHost(FrozenDictionary<string, ResourceLease<SqliteDatabase>> databases, GuestContext guest) : Spin2.ISqlite, Spin3.ISqlite
{
    private int _open;

    public Result<Spin2.IConnection, Spin2.Error> ConnectionOpen(string database)
    {
        if (!databases.TryGetValue(database, out ResourceLease<SqliteDatabase>? found))
            return databases.Count == 0 ? Spin2.Error.AccessDenied.Instance : Spin2.Error.NoSuchDatabase.Instance;
        Outcome<SqliteConnectionResource> outcome = Open(found.Value);
        return outcome.Failure is { } failure ? SqliteConnectionResource.Spin2Error(failure) : Result.Ok<Spin2.IConnection>(outcome.Value);
    }

    Result<Spin3.IConnection, Spin3.Error> Spin3.ISqlite.ConnectionOpen(string database)
    {
        if (!databases.TryGetValue(database, out ResourceLease<SqliteDatabase>? found))
            return databases.Count == 0 ? Spin3.Error.AccessDenied.Instance : Spin3.Error.NoSuchDatabase.Instance;
        Outcome<SqliteConnectionResource> outcome = Open(found.Value);
        return outcome.Failure is { } failure ? SqliteConnectionResource.Spin3Error(failure) : Result.Ok<Spin3.IConnection>(outcome.Value);
    }

    ValueTask<Result<Spin3.IConnection, Spin3.Error>> Spin3.ISqlite.ConnectionOpenAsyncAsync(string database, CancellationToken cancellation) =>
        new(((Spin3.ISqlite)this).ConnectionOpen(database));

    private Outcome<SqliteConnectionResource> Open(SqliteDatabase database)
    {
        if (_open >= SqliteLimits.Connections)
            return new(null!, new BackendException($"this instance has {SqliteLimits.Connections} connections open already", BackendFailure.Invalid));
        try
        {
            var connection = new SqliteConnectionResource(database, database.Open(), guest, () => _open--);
            _open++;
            return new(connection);
        }
        catch (BackendException failure)
        {
            return new(null!, failure);
        }
    }
}
