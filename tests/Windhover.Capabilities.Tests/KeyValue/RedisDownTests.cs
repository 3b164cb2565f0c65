using Windhover.Capabilities.KeyValue;
using Windhover.Capabilities.Tests.Guests;
using Windhover.Capabilities.Tests.Servers;

namespace Windhover.Capabilities.Tests.KeyValue;

/// <summary>A Redis that is not there yet, or goes away: calls fail with a reason, others go on, and it is found again.</summary>
public sealed class RedisDownTests : IDisposable
{
    private const string Capability = KeyValueCapability.CapabilityName;

    private readonly RedisServer _redis = new();
    private readonly CapabilityServer _server = new();

    [Fact]
    public async Task A_redis_that_goes_away_and_comes_back()
    {
        CapabilityGrant[] grants = _server.Grant(
            "app", (Capability, CapabilityServer.Resource("far", "redis", ("url", _redis.Url))), (Capability, CapabilityServer.Resource("near", "sqlite")));
        CapabilityGrant grant = grants[_server.Capabilities.Index().First(c => c.Item.Name == Capability).Index];
        using (ScriptedGuest guest = _server.Start("c-keyvalue", grants))
            Assert.Equal("ok | ok | value 1", guest.Run("draft open far", "draft set k 1", "draft get k"));
        await grant.CheckAsync(TestContext.Current.CancellationToken);

        _redis.Kill();
        using (ScriptedGuest guest = _server.Start("c-keyvalue", grants))
        {
            string[] answers = guest.Run("draft open far", "draft get k", "draft set k 2", "spin open near", "spin set k 3", "spin get k").Split(" | ");
            Assert.Equal(["ok", "ok", "ok", "value 3"], [answers[0], .. answers[3..]]);
            Assert.All(answers[1..3], answer => Assert.StartsWith("other: the backend", answer, StringComparison.Ordinal));
        }

        CapabilityException check = await Assert.ThrowsAsync<CapabilityException>(async () => await grant.CheckAsync(TestContext.Current.CancellationToken));
        Assert.Equal("far", check.Resource);
        Assert.Single(_server.Log.Lines, line => line.StartsWith("Error Redis, for the key-value store `far` of app `app`, cannot be reached", StringComparison.Ordinal));

        _redis.Start();
        using (ScriptedGuest guest = _server.Start("c-keyvalue", grants))
        {
            guest.Run("draft open far");
            var clock = System.Diagnostics.Stopwatch.StartNew();
            while (guest.Run("draft set k 4") != "ok")
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "Redis is back, and was not found again.");
            Assert.Equal("value 4", guest.Run("draft get k"));
        }

        Assert.Contains(_server.Log.Lines, line => line.StartsWith("Information Redis, for the key-value store `far` of app `app`, is back", StringComparison.Ordinal));
        foreach (CapabilityGrant each in grants)
            each.Dispose();
    }

    [Fact]
    public void A_redis_that_is_down_at_start_is_found_when_it_is_up()
    {
        _redis.Kill();
        using ScriptedGuest guest = _server.Start("c-keyvalue", (Capability, CapabilityServer.Resource("far", "redis", ("url", _redis.Url))));
        Assert.StartsWith("ok | other: the backend", guest.Run("draft open far", "draft get k"), StringComparison.Ordinal);
        _redis.Start();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (guest.Run("draft get k") != "none")
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "Redis is up, and was not found.");
    }

    public void Dispose()
    {
        _server.Dispose();
        _redis.Dispose();
    }
}
