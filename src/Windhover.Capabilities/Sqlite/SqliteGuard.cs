using SQLitePCL;
using static SQLitePCL.raw;

namespace Windhover.Capabilities.Sqlite;

// What a guest's SQL must not do, though SQLite could:
//
//   ATTACH, DETACH, VACUUM INTO          open or write another file of the host
//   load_extension()                     load code into the host (off anyway)
//   PRAGMA, but for those listed         move the log, map memory, lift limits, change what the next guest finds on the connection
//   huge texts, expressions, statements  memory and stack of the host: SQLite's own limits, set low
//
// SQLite asks the authorizer while it compiles a statement, so a refused one never begins to run.
internal static class SqliteGuard
{
    /// <summary>Bytes of one text or blob, and of a row.</summary>
    public const int ValueBytes = 64 << 20;

    private const int StatementBytes = 1 << 20;

    // Those that only read, and those whose effect ends with the database's own contents.
    private static readonly HashSet<string> s_pragmas = new(StringComparer.OrdinalIgnoreCase)
    {
        "application_id", "collation_list", "compile_options", "data_version", "defer_foreign_keys", "encoding", "foreign_key_check", "foreign_key_list",
        "foreign_keys", "freelist_count", "function_list", "index_info", "index_list", "index_xinfo", "integrity_check", "optimize", "page_count",
        "quick_check", "schema_version", "table_info", "table_list", "table_xinfo", "user_version",
    };

    // Those that may be read but not set.
    private static readonly HashSet<string> s_readable = new(StringComparer.OrdinalIgnoreCase) { "auto_vacuum", "cache_size", "journal_mode", "max_page_count", "page_size", "synchronous", "busy_timeout" };

    private static readonly strdelegate_authorizer s_authorize = Authorize;

    /// <summary>Puts a connection under guard.</summary>
    public static void Apply(sqlite3 handle)
    {
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, ValueBytes);
        sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, StatementBytes);
        sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 200);
        sqlite3_limit(handle, SQLITE_LIMIT_COMPOUND_SELECT, 100);
        sqlite3_limit(handle, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
        sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 50);
        sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0);
        sqlite3_set_authorizer(handle, s_authorize, null);
    }

    private static int Authorize(object userData, int action, string first, string second, string database, string trigger) => action switch
    {
        SQLITE_ATTACH or SQLITE_DETACH => SQLITE_DENY,
        SQLITE_PRAGMA => s_pragmas.Contains(first) || (second is null && s_readable.Contains(first)) ? SQLITE_OK : SQLITE_DENY,
        SQLITE_FUNCTION when string.Equals(second, "load_extension", StringComparison.OrdinalIgnoreCase) => SQLITE_DENY,
        _ => SQLITE_OK,
    };
}
