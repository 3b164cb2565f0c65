using System.Net;
using CsCheck;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.Tests.Sockets;

public sealed class PolicyTests
{
    [Theory]
    [InlineData("connect 10.0.0.0/8:5432", "10.255.0.1", 5432, true)]
    [InlineData("connect 10.0.0.0/8:5432", "10.255.0.1", 5433, false)]
    [InlineData("connect 10.0.0.0/8:5432", "11.0.0.1", 5432, false)]
    [InlineData("connect [2001:db8::]/32:80", "2001:db8::1", 80, false)]
    [InlineData("connect [2001:db8::/32]:80", "2001:db8::1", 80, true)]
    [InlineData("connect [::1]:80", "::1", 80, true)]
    [InlineData("connect 127.0.0.1:8000-8099", "127.0.0.1", 8099, true)]
    [InlineData("connect 127.0.0.1:8000-8099", "127.0.0.1", 8100, false)]
    [InlineData("connect localhost:*", "127.8.9.1", 1, true)]
    [InlineData("connect localhost:*", "::1", 1, true)]
    [InlineData("listen 127.0.0.1:80", "127.0.0.1", 80, false)]
    [InlineData("any *:*", "93.184.216.34", 65535, true)]
    [InlineData("any *:*", "10.0.0.1", 80, false)]
    [InlineData("any *:*", "169.254.169.254", 80, false)]
    [InlineData("connect db.example:5432", "10.0.0.1", 5432, false)]
    public void Rules_mean_what_they_say(string rule, string address, int port, bool allowed)
    {
        if (rule.Contains("]/", StringComparison.Ordinal))
            Assert.Throws<FormatException>(() => NetworkPolicy.Allow(rule));
        else
            Assert.Equal(allowed, new NetworkGrant(NetworkPolicy.Allow(rule)).Allows(NetworkUse.Connect, new IPEndPoint(IPAddress.Parse(address), port)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("connect")]
    [InlineData("connect host")]
    [InlineData("connect host:99999")]
    [InlineData("connect host:9-8")]
    [InlineData("connect :80")]
    [InlineData("connect ::1:80")]
    [InlineData("reach host:80")]
    [InlineData("connect a_b c:80")]
    public void What_is_no_rule_is_refused_with_a_reason(string rule)
    {
        var error = Assert.Throws<FormatException>(() => NetworkPolicy.Allow(rule));
        Assert.Contains($"'{rule}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_a_rule_or_a_format_error() => Gen.String.Sample(text =>
    {
        try
        {
            NetworkPolicy.Allow("connect " + text);
        }
        catch (FormatException)
        {
        }
    });

    [Fact]
    public void A_name_allows_what_it_resolved_to_and_nothing_else()
    {
        var grant = new NetworkGrant(NetworkPolicy.Allow("connect db.example:5432"));
        var address = IPAddress.Parse("93.184.216.34");
        Assert.False(grant.Allows(NetworkUse.Connect, new IPEndPoint(address, 5432)));
        Assert.True(grant.AllowsLookup("DB.example"));
        Assert.False(grant.AllowsLookup("other.example"));
        grant.Resolved("db.example", [address]);
        Assert.True(grant.Allows(NetworkUse.Connect, new IPEndPoint(address, 5432)));
        Assert.False(grant.Allows(NetworkUse.Connect, new IPEndPoint(address, 5433)));
        Assert.False(grant.Allows(NetworkUse.Udp, new IPEndPoint(address, 5432)));
        Assert.False(grant.Allows(NetworkUse.Connect, new IPEndPoint(IPAddress.Parse("93.184.216.35"), 5432)));

        // A name that its owner points at this network leads nowhere.
        var inside = IPAddress.Parse("10.1.2.3");
        grant.Resolved("db.example", [inside]);
        Assert.False(grant.Allows(NetworkUse.Connect, new IPEndPoint(inside, 5432)));
    }

    [Fact]
    public void Names_are_looked_up_if_the_policy_names_them()
    {
        using var context = Guest.Context(new WasiOptions { Network = NetworkPolicy.Allow("connect localhost:80") });
        using var stream = Guest.Ok(ResolveAddressStream.Start(context, context.Network, "localhost"));
        stream.Subscribe().Block();
        var addresses = new List<IPAddress>();
        while (Guest.Ok(stream.ResolveNextAddress()) is { } address)
            addresses.Add(address);
        Assert.NotEmpty(addresses);
        Assert.All(addresses, address => Assert.True(IPAddress.IsLoopback(address)));
        Guest.Fails(NetworkError.AccessDenied, ResolveAddressStream.Start(context, context.Network, "example.com"));
        Guest.Fails(NetworkError.InvalidArgument, ResolveAddressStream.Start(context, context.Network, "a b"));
        Guest.Fails(NetworkError.InvalidArgument, ResolveAddressStream.Start(context, context.Network, ""));

        // An address needs no resolver, and no leave: using it does.
        using var literal = Guest.Ok(ResolveAddressStream.Start(context, context.Network, "::ffff:192.0.2.1"));
        Assert.Equal(IPAddress.Parse("192.0.2.1"), Guest.Ok(literal.ResolveNextAddress()));
        Assert.Null(Guest.Ok(literal.ResolveNextAddress()));
    }

    [Fact]
    public void A_name_that_does_not_exist_is_an_error()
    {
        using var context = Guest.Context(new WasiOptions { Network = NetworkPolicy.Unrestricted });
        using var stream = Guest.Ok(ResolveAddressStream.Start(context, context.Network, "nonexistent.invalid"));
        stream.Subscribe().Block();
        var result = stream.ResolveNextAddress();
        Assert.Contains(result.Error, new[] { NetworkError.NameUnresolvable, NetworkError.TemporaryResolverFailure });
    }
}
