using System.Diagnostics;
using Windhover.Capabilities.PostgreSql;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;

namespace Windhover.Capabilities.Tests.PostgreSql;

/// <summary>SQL of a C guest on a real PostgreSQL.</summary>
public sealed class PostgresTests(PostgresServer postgres) : IClassFixture<PostgresServer>, IDisposable
{
    private readonly CapabilityServer _server = new();

    [Theory]
    [InlineData("spin2")]
    [InlineData("spin3")]
    public void A_guest_makes_fills_and_reads_a_table(string face)
    {
        using ScriptedGuest guest = Start();
        Assert.Equal(
            "ok | 0 | ok | ok | ok | 1 | rows 1 kestrel blob 3; 2 über blob 0 | 2",
            guest.Run(
                $"{face} open main", $"{face} exec CREATE TEMP TABLE birds (id int, name text, a bytea)", $"{face} int 1", $"{face} text kestrel", $"{face} blob 3",
                $"{face} exec INSERT INTO birds VALUES ($1, $2, $3)", $"{face} query INSERT INTO birds VALUES (2, 'über', '') RETURNING id",
                $"{face} query SELECT * FROM birds ORDER BY id", $"{face} exec UPDATE birds SET id = 0").Replace("| rows 2 | ", "| ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("spin2", "true s2 l3 ~4 x null unsupported")]
    [InlineData("spin3", "true s2 l3 ~4 x null unsupported")]
    public void Values_of_every_kind(string face, string values)
    {
        using ScriptedGuest guest = Start();
        Assert.Equal($"ok | rows {values}", guest.Run($"{face} open main", $"{face} query SELECT true, 2::int2, 3::int8, 4::float8, 'x'::varchar(9), null, '1.2.3.4'::inet"));
    }

    [Fact]
    public void Dates_go_both_ways_and_impossible_ones_are_refused()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal("ok | ok | rows 2026-2-28", guest.Run("spin3 open main", "spin3 date 2026 2 27", "spin3 query SELECT $1::date + 1"));
        Assert.Equal("ok | bad-parameter: a date or time that there is not", guest.Run("spin3 date 2026 2 30", "spin3 query SELECT $1::date"));
    }

    [Fact]
    public void Text_becomes_what_is_wanted_there()
    {
        using ScriptedGuest guest = Start();
        Assert.Equal(
            "ok | ok | rows true | ok | query-failed: invalid input syntax for type uuid: \"nonsense\" (22P02)",
            guest.Run("spin2 open main", "spin2 text {\"a\":1}", "spin2 query SELECT $1::jsonb ? 'a'", "spin2 text nonsense", "spin2 query SELECT $1::uuid IS NULL")
                .Replace("bad-parameter", "query-failed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_statement_that_never_ends_is_stopped()
    {
        using ScriptedGuest guest = _server.Start("c-postgres", (PostgresCapability.CapabilityName, CapabilityServer.Resource("main", "server", ("url", postgres.Url), ("timeout", "1"))));
        var clock = Stopwatch.StartNew();
        Assert.StartsWith(
            "ok | query-failed: the statement ran longer than 1 s and was stopped | rows 1",
            guest.Run("spin2 open main", "spin2 query SELECT pg_sleep(60)", "spin2 query SELECT 1"), StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 1, 20);
    }

    [Theory]
    [InlineData("SELECT repeat('x', 80000000)")]
    [InlineData("SELECT repeat('x', 1000000) FROM generate_series(1, 100)")]
    [InlineData("SELECT i FROM generate_series(1, 5000000) i")]
    public void Results_that_are_too_large_are_an_error(string sql)
    {
        using ScriptedGuest guest = Start();
        Assert.Equal("ok | bad-parameter: the result has more than 64 MiB: ask for less at a time (LIMIT) | rows 1", guest.Run("spin2 open main", $"spin2 query {sql}", "spin2 query SELECT 1"));
    }

    [Fact]
    public void What_a_guest_left_on_a_connection_does_not_reach_the_next()
    {
        CapabilityGrant[] grants = _server.Grant("app", Main());
        using (ScriptedGuest guest = _server.Start("c-postgres", grants))
            guest.Run("spin2 open main", "spin2 exec CREATE TEMP TABLE mine (x int)", "spin2 exec SET search_path = nowhere", "spin2 exec BEGIN");
        using (ScriptedGuest guest = _server.Start("c-postgres", grants))
            Assert.StartsWith("ok | query-failed: relation \"mine\" does not exist", guest.Run("spin2 open main", "spin2 query SELECT * FROM mine"), StringComparison.Ordinal);
        foreach (CapabilityGrant grant in grants)
            grant.Dispose();
    }

    [Fact]
    public void A_database_opens_by_name_or_by_its_own_address_only()
    {
        using (ScriptedGuest guest = Start())
        {
            Assert.Equal("ok", guest.Run($"spin2 open {postgres.Url}"));
            Assert.Equal("connection-failed: this database is not granted to this component", guest.Run("spin2 open postgres://other.example/x"));
        }

        using ScriptedGuest nobody = _server.Start("c-postgres");
        Assert.Equal("connection-failed: this database is not granted to this component", nobody.Run("spin3 open main"));
    }

    [Fact]
    public void A_server_that_is_not_there_is_an_error()
    {
        using ScriptedGuest guest = _server.Start("c-postgres", (PostgresCapability.CapabilityName, CapabilityServer.Resource("main", "server", ("url", "postgres://windhover@127.0.0.1:1/x"))));
        Assert.Equal("connection-failed: the backend cannot be reached; try again later", guest.Run("spin2 open main"));
    }

    public void Dispose() => _server.Dispose();

    private (string, CapabilityResource) Main() => (PostgresCapability.CapabilityName, CapabilityServer.Resource("main", "server", ("url", postgres.Url)));

    private ScriptedGuest Start() => _server.Start("c-postgres", Main());
}
