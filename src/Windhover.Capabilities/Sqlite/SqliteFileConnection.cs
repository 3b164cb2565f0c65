using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Windhover.Capabilities.Backends;
using static SQLitePCL.raw;

namespace Windhover.Capabilities.Sqlite;

/// <summary>
/// One connection to a SQLite file of the host's own making, in WAL mode, by SQLite's own functions. Used by one thread at a time. Errors are
/// <see cref="BackendException"/>.
/// </summary>
internal sealed class SqliteFileConnection : IDisposable
{
    private readonly SqliteConnection _connection;

    private SqliteFileConnection(SqliteConnection connection) => _connection = connection;

    public sqlite3 Handle => _connection.Handle!;

    /// <summary>Opens a file, making it and its folder, and creates what is missing in it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="schema">Statements that may run any number of times.</param>
    /// <param name="maxBytes">How large it may grow.</param>
    public static SqliteFileConnection Open(string path, string schema, long maxBytes)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // Pooling would keep files open after the app is gone.
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        try
        {
            connection.Open();
            var file = new SqliteFileConnection(connection);
            // A commit is in the log but not yet on the disk's platter: a crash of the process loses nothing, one of the machine the last moments.
            file.Execute($"""
                PRAGMA busy_timeout = 5000;
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = NORMAL;
                PRAGMA max_page_count = {Math.Clamp(maxBytes / 4096, 1, uint.MaxValue - 1)};
                {schema}
                """);
            return file;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public void Execute(string sql)
    {
        int code = sqlite3_exec(Handle, sql);
        if (code != SQLITE_OK)
            throw Failure(code);
    }

    public sqlite3_stmt Prepare(string sql)
    {
        int code = sqlite3_prepare_v3(Handle, sql, SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement);
        return code == SQLITE_OK ? statement : throw Failure(code);
    }

    /// <summary>Goes to the next row.</summary>
    /// <returns>Whether there is one.</returns>
    public bool Step(sqlite3_stmt statement)
    {
        int code = sqlite3_step(statement);
        return code == SQLITE_ROW || (code == SQLITE_DONE ? false : throw Failure(code));
    }

    /// <summary>Runs a statement without parameters or rows.</summary>
    public void Run(sqlite3_stmt statement)
    {
        try
        {
            Step(statement);
        }
        finally
        {
            sqlite3_reset(statement);
        }
    }

    /// <summary>Ends a statement's run and lets go of what was bound.</summary>
    public static void Reset(sqlite3_stmt statement)
    {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }

    public static string Text(sqlite3_stmt statement, int column) => Encoding.UTF8.GetString(sqlite3_column_blob(statement, column));

    // An empty span has no address, and SQLite takes a missing address for NULL.
    public static void BindBlob(sqlite3_stmt statement, int index, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
            sqlite3_bind_zeroblob(statement, index, 0);
        else
            sqlite3_bind_blob(statement, index, value);
    }

    public static void BindText(sqlite3_stmt statement, int index, ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            sqlite3_bind_text(statement, index, "");
        else
            sqlite3_bind_text(statement, index, utf8);
    }

    public void Dispose() => _connection.Dispose();

    public BackendException Failure(int code) => SqliteErrors.Create(code, sqlite3_errmsg(Handle).utf8_to_string());
}

/// <summary>What SQLite's codes mean to a guest.</summary>
internal static class SqliteErrors
{
    public static BackendException Create(int code, string message) => new($"SQLite: {message}", (code & 0xff) switch
    {
        SQLITE_FULL => BackendFailure.Full,
        SQLITE_BUSY or SQLITE_LOCKED => BackendFailure.Timeout,
        SQLITE_INTERRUPT => BackendFailure.Timeout,
        SQLITE_CANTOPEN or SQLITE_IOERR or SQLITE_CORRUPT or SQLITE_NOTADB or SQLITE_READONLY => BackendFailure.Unavailable,
        SQLITE_TOOBIG => BackendFailure.Invalid,
        _ => BackendFailure.Other,
    });
}
