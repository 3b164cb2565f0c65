using System.Diagnostics;
using Windhover.Capabilities.Sqlite;
using Windhover.Capabilities.Tests.Guests;

namespace Windhover.Capabilities.Tests.Sqlite;

/// <summary>SQL of a C guest on an embedded database.</summary>
public sealed class SqliteTests : IDisposable
{
    private readonly CapabilityServer _server = new();

    [Theory]
    [InlineData("spin2")]
    [InlineData("spin3")]
    public void A_guest_makes_fills_and_reads_a_table(string face)
    {
        using ScriptedGuest guest = Start();
        Assert.Equal(
            "ok | rows | ok | ok | ok | ok | rows | rows 1 kestrel blob 3 null; 2 über ~7 blob 0",
            guest.Run(
                $"{face} open main", $"{face} exec CREATE TABLE birds (id INTEGER PRIMARY KEY, name TEXT, a, b); INSERT INTO birds VALUES (2, 'über', 7.5, x'')",
                $"{face} int 1", $"{face} text kestrel", $"{face} blob 3", $"{face} null", $"{face} exec INSERT INTO birds VALUES (?, ?, ?, ?)",
                $"{face} exec SELECT * FROM birds ORDER BY id"));
    }

    [Fact]
    public void Rowid_and_changes()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal(
            "ok | rows | 2 | rows | 2",
            guest.Run("spin3 open main", "spin3 exec CREATE TABLE t (x); INSERT INTO t VALUES (1), (2)", "spin3 rowid", "spin3 exec UPDATE t SET x = 0", "spin3 changes"));
    }

    [Fact]
    public void Both_names_are_one_database()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal(
            "ok | ok | rows | rows 1",
            guest.Run("spin2 open main", "spin3 open main", "spin2 exec CREATE TABLE t AS SELECT 1 AS x", "spin3 exec SELECT x FROM t"));
    }

    [Theory]
    [InlineData("ATTACH DATABASE '/tmp/other.db' AS other")]
    [InlineData("VACUUM INTO '/tmp/windhover-escape.db'")]
    [InlineData("PRAGMA temp_store_directory = '/'")]
    [InlineData("PRAGMA journal_mode = OFF")]
    [InlineData("PRAGMA mmap_size = 1000000000000")]
    [InlineData("PRAGMA hard_heap_limit = 1")]
    [InlineData("PRAGMA max_page_count = 1000000000")]
    [InlineData("SELECT load_extension('/lib/x86_64-linux-gnu/libc.so.6')")]
    [InlineData("SELECT writefile('/tmp/windhover-escape', 'x')")]
    public void What_reaches_beyond_the_database_is_refused(string sql)
    {
        using ScriptedGuest guest = Start();
        Assert.StartsWith("ok | io: SQLite: ", guest.Run("spin2 open main", $"spin2 exec {sql}"), StringComparison.Ordinal);
        Assert.False(File.Exists("/tmp/windhover-escape.db"));
    }

    [Fact]
    public void A_statement_that_never_ends_is_stopped()
    {
        using ScriptedGuest guest = _server.Start("c-sqlite", (SqliteCapability.CapabilityName, CapabilityServer.Resource("main", "sqlite", ("timeout", "1"))));
        var clock = Stopwatch.StartNew();
        Assert.Equal(
            "ok | io: the statement ran longer than 1 s and was stopped | rows 1",
            guest.Run("spin2 open main", "spin2 exec WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n", "spin2 exec SELECT 1"));
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 10);
    }

    [Fact]
    public void A_statement_ends_with_the_guests_work()
    {
        using ScriptedGuest guest = Start();
        guest.Abort(TimeSpan.FromMilliseconds(200));
        Exception error = Assert.ThrowsAny<Exception>(() =>
            guest.Run("spin2 open main", "spin2 exec WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n"));
        Assert.True(error is OperationCanceledException || error.InnerException is OperationCanceledException, error.ToString());
    }

    [Theory]
    [InlineData("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 'some text' FROM n", "LIMIT")]
    [InlineData("SELECT zeroblob(100000000)", "too big")]
    [InlineData("SELECT replace(hex(zeroblob(30000000)), '0', 'xxxxxxxxxxxxxxxx')", "too big")]
    public void Results_that_are_too_large_are_an_error(string sql, string says)
    {
        using ScriptedGuest guest = Start();
        string answer = guest.Run("spin2 open main", $"spin2 exec {sql}", "spin2 exec SELECT 1");
        Assert.StartsWith("ok | io: ", answer, StringComparison.Ordinal);
        Assert.Contains(says, answer, StringComparison.Ordinal);
        Assert.EndsWith("rows 1", answer, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_database_says_so_and_goes_on()
    {
        using ScriptedGuest guest = _server.Start("c-sqlite", (SqliteCapability.CapabilityName, CapabilityServer.Resource("main", "sqlite", ("max-size", "64KiB"))));
        Assert.Equal(
            "ok | rows | database-full | rows 0",
            guest.Run("spin2 open main", "spin2 exec CREATE TABLE t (x)", "spin2 exec INSERT INTO t VALUES (zeroblob(100000))", "spin2 exec SELECT count(*) FROM t"));
    }

    [Fact]
    public void Mistakes_are_told()
    {
        using ScriptedGuest guest = Start();
        string[] answers = guest.Run(
            "spin2 open main", "spin2 exec SELEC 1", "spin2 int 1", "spin2 exec SELECT 1", "spin2 int 1", "spin2 exec SELECT ?; SELECT 2").Split(" | ");
        Assert.Equal("io: SQLite: near \"SELEC\": syntax error", answers[1]);
        Assert.Equal("io: the statement has 0 parameters, and 1 were given", answers[3]);
        Assert.Equal("io: with parameters, only one statement at a time", answers[5]);
    }

    [Fact]
    public void A_transaction_that_was_not_ended_does_not_reach_the_next_guest()
    {
        CapabilityGrant[] grants = _server.Grant("app", (SqliteCapability.CapabilityName, CapabilityServer.Resource("main", "sqlite")));
        using (ScriptedGuest guest = _server.Start("c-sqlite", grants))
            Assert.Equal("ok | rows | rows | rows", guest.Run("spin2 open main", "spin2 exec CREATE TABLE t (x)", "spin2 exec BEGIN", "spin2 exec INSERT INTO t VALUES (1)"));
        using (ScriptedGuest guest = _server.Start("c-sqlite", grants))
            Assert.Equal("ok | rows 0 | rows", guest.Run("spin2 open main", "spin2 exec SELECT count(*) FROM t", "spin2 exec CREATE TEMP TABLE mine (x)"));
        using (ScriptedGuest guest = _server.Start("c-sqlite", grants))
            Assert.StartsWith("ok | io: SQLite: no such table", guest.Run("spin2 open main", "spin2 exec SELECT * FROM mine"), StringComparison.Ordinal);
        foreach (CapabilityGrant grant in grants)
            grant.Dispose();
    }

    [Fact]
    public void What_is_not_granted_cannot_be_opened()
    {
        using (ScriptedGuest guest = _server.Start("c-sqlite"))
            Assert.Equal("access-denied | access-denied", guest.Run("spin2 open main", "spin3 open main"));
        using ScriptedGuest other = Start();
        Assert.Equal("no-such-database", other.Run("spin2 open ../key-value/notes"));
    }

    [Fact]
    public void A_guest_has_so_many_connections_and_gets_them_back()
    {
        using ScriptedGuest guest = Start();
        string answers = guest.Run([.. Enumerable.Repeat("spin2 open main", 17), "spin2 close", "spin2 open main"]);
        Assert.EndsWith("ok | io: this instance has 16 connections open already | ok | ok", answers, StringComparison.Ordinal);
    }

    public void Dispose() => _server.Dispose();

    private ScriptedGuest Start() => _server.Start("c-sqlite", (SqliteCapability.CapabilityName, CapabilityServer.Resource("main", "sqlite")));
}
