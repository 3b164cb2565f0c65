using System.Text;
using SQLitePCL;
using Windhover.Capabilities.Backends;
using static SQLitePCL.raw;

namespace Windhover.Capabilities.Sqlite;

/// <summary>One guest's connection to a database: runs SQL that nobody trusts, within time and memory. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    // Between two looks at the clock: some 0.1 ms of SQLite's virtual machine.
    private const int InstructionsPerLook = 4000;

    private readonly SqliteFileConnection _file;
    private readonly TimeProvider _time;
    private readonly delegate_progress _progress;
    private CancellationToken _cancellation;
    private long _started;
    private TimeSpan _limit;
    private bool _late;

    public SqliteSession(SqliteFileConnection file, TimeProvider time)
    {
        _file = file;
        _time = time;
        SqliteGuard.Apply(file.Handle);
        _progress = _ => _cancellation.IsCancellationRequested || (_late = _time.GetElapsedTime(_started) > _limit) ? 1 : 0;
        sqlite3_progress_handler(file.Handle, InstructionsPerLook, _progress, null);
    }

    public long LastInsertRowId => sqlite3_last_insert_rowid(_file.Handle);

    public long Changes => sqlite3_changes(_file.Handle);

    /// <summary>Whether a transaction was begun and not ended.</summary>
    public bool InTransaction => sqlite3_get_autocommit(_file.Handle) == 0;

    /// <summary>
    /// Runs SQL: one statement, or without parameters a script, of which the last statement's rows count.
    /// </summary>
    /// <param name="sql">The SQL.</param>
    /// <param name="parameters">Values of <c>?</c> in their order.</param>
    /// <param name="limit">Wall time.</param>
    /// <param name="cancellationToken">The guest's work was given up.</param>
    /// <exception cref="BackendException">SQLite refused, or it took too long, or gave too much.</exception>
    public SqliteRows Execute(string sql, ReadOnlySpan<SqliteValue> parameters, TimeSpan limit, CancellationToken cancellationToken)
    {
        (_cancellation, _started, _limit, _late) = (cancellationToken, _time.GetTimestamp(), limit, false);
        try
        {
            SqliteRows rows = SqliteRows.Empty;
            byte[] bytes = Encoding.UTF8.GetBytes(sql);
            ReadOnlySpan<byte> left = bytes;
            while (!left.IsEmpty)
            {
                int code = sqlite3_prepare_v3(_file.Handle, left, 0, out sqlite3_stmt statement, out ReadOnlySpan<byte> tail);
                using (statement)
                {
                    if (code != SQLITE_OK)
                        throw _file.Failure(code);
                    if (!statement.IsInvalid)
                    {
                        if (!parameters.IsEmpty && HasStatement(tail))
                            throw new BackendException("with parameters, only one statement at a time", BackendFailure.Invalid);
                        rows = Run(statement, parameters);
                    }
                }

                left = tail;
            }

            return rows;
        }
        catch (BackendException failure) when (failure.Failure == BackendFailure.Timeout && (_late || cancellationToken.IsCancellationRequested))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new BackendException($"the statement ran longer than {limit.TotalSeconds:0.###} s and was stopped", BackendFailure.Timeout, failure);
        }
        finally
        {
            _cancellation = default;
        }
    }

    public void Dispose()
    {
        GC.KeepAlive(_progress);
        _file.Dispose();
    }

    private SqliteRows Run(sqlite3_stmt statement, ReadOnlySpan<SqliteValue> parameters)
    {
        int wanted = sqlite3_bind_parameter_count(statement);
        if (parameters.Length > 0 && wanted != parameters.Length)
            throw new BackendException($"the statement has {wanted} parameters, and {parameters.Length} were given", BackendFailure.Invalid);
        for (int i = 0; i < parameters.Length; i++)
            Bind(statement, i + 1, parameters[i]);
        var columns = new string[sqlite3_column_count(statement)];
        for (int i = 0; i < columns.Length; i++)
            columns[i] = sqlite3_column_name(statement, i).utf8_to_string();
        var rows = new List<SqliteValue[]>();
        long held = 0;
        while (_file.Step(statement))
        {
            var row = new SqliteValue[columns.Length];
            for (int i = 0; i < row.Length; i++)
                row[i] = Read(statement, i, ref held);
            held += 32 + (row.Length * 40);
            if (held > SqliteLimits.ResultBytes)
                throw new BackendException($"the result has more than {SqliteLimits.ResultBytes >> 20} MiB: ask for less at a time (LIMIT)", BackendFailure.Invalid);
            rows.Add(row);
        }

        return new SqliteRows(columns, rows);
    }

    private static SqliteValue Read(sqlite3_stmt statement, int column, ref long held)
    {
        switch (sqlite3_column_type(statement, column))
        {
            case SQLITE_INTEGER:
                return new(SqliteKind.Integer, Integer: sqlite3_column_int64(statement, column));
            case SQLITE_FLOAT:
                return new(SqliteKind.Real, Real: sqlite3_column_double(statement, column));
            case SQLITE_TEXT:
                held += 2L * sqlite3_column_bytes(statement, column);
                return new(SqliteKind.Text, Text: SqliteFileConnection.Text(statement, column));
            case SQLITE_BLOB:
                held += sqlite3_column_bytes(statement, column);
                return new(SqliteKind.Blob, Blob: sqlite3_column_blob(statement, column).ToArray());
            default:
                return default;
        }
    }

    private static void Bind(sqlite3_stmt statement, int index, SqliteValue value)
    {
        switch (value.Kind)
        {
            case SqliteKind.Integer:
                sqlite3_bind_int64(statement, index, value.Integer);
                break;
            case SqliteKind.Real:
                sqlite3_bind_double(statement, index, value.Real);
                break;
            case SqliteKind.Text:
                SqliteFileConnection.BindText(statement, index, Encoding.UTF8.GetBytes(value.Text!));
                break;
            case SqliteKind.Blob:
                SqliteFileConnection.BindBlob(statement, index, value.Blob.Span);
                break;
            default:
                sqlite3_bind_null(statement, index);
                break;
        }
    }

    private bool HasStatement(ReadOnlySpan<byte> sql)
    {
        if (sql.IsEmpty)
            return false;
        int code = sqlite3_prepare_v3(_file.Handle, sql, 0, out sqlite3_stmt statement, out _);
        using (statement)
            return code != SQLITE_OK || !statement.IsInvalid;
    }
}

/// <summary>What SQL of a guest may take.</summary>
public static class SqliteLimits
{
    /// <summary>Bytes of one statement's result in the host's memory.</summary>
    public const int ResultBytes = 64 << 20;

    /// <summary>Connections that one instance may have open.</summary>
    public const int Connections = 16;
}
