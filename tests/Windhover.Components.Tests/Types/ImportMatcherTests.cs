using Windhover.Components.Types;

namespace Windhover.Components.Tests.Types;

public class ImportMatcherTests
{
    private static readonly ImportMatcher Host = new(
    [
        "wasi:io/streams@0.2.12", "wasi:io/streams@0.3.0", "wasi:clocks/monotonic-clock@0.3.0", "acme:x/y@1.4.0", "acme:x/y@2.0.0",
        "acme:zero/z@0.0.2", "wasi:config/store@0.2.0-rc.1", "log", "acme:plain/i",
    ]);

    [Theory]
    [InlineData("wasi:io/streams@0.2.4", "wasi:io/streams@0.2.12")]
    [InlineData("wasi:io/streams@0.2.20", "wasi:io/streams@0.2.12")]
    [InlineData("wasi:io/streams@0.2", "wasi:io/streams@0.2.12")]
    [InlineData("wasi:io/streams@0.3.1+build", "wasi:io/streams@0.3.0")]
    [InlineData("acme:x/y@1.0.0", "acme:x/y@1.4.0")]
    [InlineData("acme:x/y@1", "acme:x/y@1.4.0")]
    [InlineData("wasi:config/store@0.2.0-rc.1", "wasi:config/store@0.2.0-rc.1")]
    [InlineData("log", "log")]
    [InlineData("acme:plain/i", "acme:plain/i")]
    [InlineData("wasi:io/streams@0.4.0", null)]
    [InlineData("acme:x/y@3.0.0", null)]
    [InlineData("acme:zero/z@0.0.1", null)]
    [InlineData("wasi:config/store@0.2.0", null)]
    [InlineData("wasi:config/store@0.2.0-rc.2", null)]
    [InlineData("wasi:clocks/monotonic-clock@0.3.0-rc-2026-03-15", null)]
    [InlineData("acme:plain/i@1.0.0", null)]
    [InlineData("Log", null)]
    public void A_version_is_served_by_its_track(string wanted, string? provided) =>
        Assert.Equal(provided, Host.TryMatch(wanted, out var found) ? found : null);

    [Fact]
    public void Releases_serve_pre_releases_when_the_caller_says_so()
    {
        var host = new ImportMatcher(["wasi:clocks/monotonic-clock@0.3.0"], name => name.Contains("@0.3.0-rc", StringComparison.Ordinal));
        Assert.True(host.TryMatch("wasi:clocks/monotonic-clock@0.3.0-rc-2026-03-15", out var found));
        Assert.Equal("wasi:clocks/monotonic-clock@0.3.0", found);
        Assert.False(host.TryMatch("wasi:clocks/monotonic-clock@0.4.0-rc", out _));
    }

    [Theory]
    [InlineData("wasi:io/streams@0.4.0", "wasi:io/streams@0.3.0")]
    [InlineData("wasi:io/streams@0.1.0", "wasi:io/streams@0.2.12")]
    [InlineData("acme:x/other@1.0.0", "acme:x/y@1.4.0")]
    [InlineData("nobody:x/other@1.0.0", null)]
    public void The_nearest_name_helps_the_message(string wanted, string? nearest) => Assert.Equal(nearest, Host.Nearest(wanted));

    [Theory]
    [InlineData("1.0.0-alpha", "1.0.0-alpha.1")]
    [InlineData("1.0.0-alpha.1", "1.0.0-alpha.beta")]
    [InlineData("1.0.0-beta.2", "1.0.0-beta.11")]
    [InlineData("1.0.0-rc.1", "1.0.0")]
    [InlineData("1.9.0", "1.10.0")]
    public void Versions_are_ordered_by_precedence(string lower, string higher) =>
        Assert.True(SemanticVersion.TryParse(lower)!.CompareTo(SemanticVersion.TryParse(higher)) < 0);

    [Theory]
    [InlineData("01.0.0")]
    [InlineData("1.0")]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("1.0.0-")]
    [InlineData("1.0.0-a..b")]
    [InlineData("1.0.0.0")]
    [InlineData("")]
    [InlineData("99999999999999999999.0.0")]
    public void Malformed_versions_are_refused(string text) => Assert.Null(SemanticVersion.TryParse(text));

    [Theory]
    [InlineData("wasi:http/types@0.2.0", "wasi", "http", "types", "0.2.0")]
    [InlineData("a:b/c-D", "a", "b", "c-D", null)]
    [InlineData("a:b:c/d/e@1", "a:b", "c", "d/e", "1")]
    public void Interface_names_come_apart(string text, string ns, string package, string iface, string? version)
    {
        Assert.True(InterfaceName.TryParse(text, out var name));
        Assert.Equal(new InterfaceName(ns, package, iface, version), name);
        Assert.Equal(text, name.ToString());
    }

    [Theory]
    [InlineData("wasi:http")]
    [InlineData("http/types")]
    [InlineData("a:b/c@")]
    [InlineData("A:b/c")]
    [InlineData("a:b/-c")]
    [InlineData(":b/c")]
    [InlineData("a:/c")]
    [InlineData("a:b/")]
    public void Other_names_are_not_interfaces(string text) => Assert.False(InterfaceName.TryParse(text, out _));
}
