using Windhover.Capabilities.Backends;
using Windhover.Components.Async;
using Spin2 = Windhover.Capabilities.Sqlite.Bindings.Fermyon.Spin.Sqlite;
using Spin3 = Windhover.Capabilities.Sqlite.Bindings.Spin.Sqlite.Sqlite;

namespace Windhover.Capabilities.Sqlite;

/// <summary>A connection as a guest holds it, under both names.</summary>
internal sealed class SqliteConnectionResource(SqliteDatabase database, SqliteSession session, GuestContext guest, Action closed) : Spin2.IConnection, Spin3.IConnection
{
    private SqliteSession? _session = session;
    private bool _isClean = true;

    public Result<Spin2.QueryResult, Spin2.Error> Execute(string statement, Spin2.Value[] parameters)
    {
        Outcome<SqliteRows> outcome = Run(statement, Array.ConvertAll(parameters, FromSpin2));
        return outcome.Failure is { } failure
            ? Spin2Error(failure)
            : new Spin2.QueryResult(outcome.Value.Columns, [.. outcome.Value.Rows.Select(row => new Spin2.RowResult(Array.ConvertAll(row, ToSpin2)))]);
    }

    public Result<Spin3.QueryResult, Spin3.Error> Execute(string statement, Spin3.Value[] parameters)
    {
        Outcome<SqliteRows> outcome = Run(statement, Array.ConvertAll(parameters, FromSpin3));
        return outcome.Failure is { } failure
            ? Spin3Error(failure)
            : new Spin3.QueryResult(outcome.Value.Columns, [.. outcome.Value.Rows.Select(ToRow)]);
    }

    public ValueTask<Result<(IReadOnlyList<string>, HostStream<Spin3.RowResult>, HostFuture<Result<Unit, Spin3.Error>>), Spin3.Error>> ExecuteAsyncAsync(
        string statement, Spin3.Value[] parameters, CancellationToken cancellation)
    {
        Outcome<SqliteRows> outcome = Run(statement, Array.ConvertAll(parameters, FromSpin3));
        if (outcome.Failure is { } failure)
            return new(Spin3Error(failure));
        HostStream<Spin3.RowResult> rows = HostStream.From([.. outcome.Value.Rows.Select(ToRow)]);
        return new((outcome.Value.Columns, rows, new HostFuture<Result<Unit, Spin3.Error>>(Task.FromResult<Result<Unit, Spin3.Error>>(default(Unit)))));
    }

    public long LastInsertRowid() => _session!.LastInsertRowId;

    public ValueTask<long> LastInsertRowidAsyncAsync(CancellationToken cancellation) => new(LastInsertRowid());

    public ulong Changes() => (ulong)_session!.Changes;

    public ValueTask<ulong> ChangesAsyncAsync(CancellationToken cancellation) => new(Changes());

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _session, null) is not { } session)
            return;
        database.Close(session, _isClean);
        closed();
    }

    private Outcome<SqliteRows> Run(string statement, SqliteValue[] parameters)
    {
        // Settings and temporary things stay on the connection: it is not for the next guest then.
        if (_isClean && (statement.Contains("temp", StringComparison.OrdinalIgnoreCase) || statement.Contains("pragma", StringComparison.OrdinalIgnoreCase)))
            _isClean = false;
        try
        {
            TimeSpan left = guest.TimeLeft;
            return new(_session!.Execute(statement, parameters, left < database.Timeout ? left : database.Timeout, guest.Aborted));
        }
        catch (BackendException failure)
        {
            return new(SqliteRows.Empty, failure);
        }
    }

    internal static Spin2.Error Spin2Error(BackendException failure) => failure.Failure switch
    {
        BackendFailure.Full => Spin2.Error.DatabaseFull.Instance,
        _ => new Spin2.Error.Io(failure.Message),
    };

    internal static Spin3.Error Spin3Error(BackendException failure) => failure.Failure switch
    {
        BackendFailure.Full => Spin3.Error.DatabaseFull.Instance,
        _ => new Spin3.Error.Io(failure.Message),
    };

    private static SqliteValue FromSpin2(Spin2.Value value) => value switch
    {
        Spin2.Value.Integer i => new(SqliteKind.Integer, Integer: i.Value),
        Spin2.Value.Real r => new(SqliteKind.Real, Real: r.Value),
        Spin2.Value.Text t => new(SqliteKind.Text, Text: t.Value),
        Spin2.Value.Blob b => new(SqliteKind.Blob, Blob: b.Value),
        _ => default,
    };

    private static Spin2.Value ToSpin2(SqliteValue value) => value.Kind switch
    {
        SqliteKind.Integer => new Spin2.Value.Integer(value.Integer),
        SqliteKind.Real => new Spin2.Value.Real(value.Real),
        SqliteKind.Text => new Spin2.Value.Text(value.Text!),
        SqliteKind.Blob => new Spin2.Value.Blob(value.Blob),
        _ => Spin2.Value.Null.Instance,
    };

    private static SqliteValue FromSpin3(Spin3.Value value) => value switch
    {
        Spin3.Value.Integer i => new(SqliteKind.Integer, Integer: i.Value),
        Spin3.Value.Real r => new(SqliteKind.Real, Real: r.Value),
        Spin3.Value.Text t => new(SqliteKind.Text, Text: t.Value),
        Spin3.Value.Blob b => new(SqliteKind.Blob, Blob: b.Value),
        _ => default,
    };

    private static Spin3.RowResult ToRow(SqliteValue[] row) => new(Array.ConvertAll<SqliteValue, Spin3.Value>(row, static value => value.Kind switch
    {
        SqliteKind.Integer => new Spin3.Value.Integer(value.Integer),
        SqliteKind.Real => new Spin3.Value.Real(value.Real),
        SqliteKind.Text => new Spin3.Value.Text(value.Text!),
        SqliteKind.Blob => new Spin3.Value.Blob(value.Blob),
        _ => Spin3.Value.Null.Instance,
    }));
}
