using CsCheck;
using Windhover.Wasi.Http;

namespace Windhover.Wasi.Tests.Http;

public sealed class SyntaxTests
{
    [Theory]
    [InlineData("1.2.3.4", "1.2.3.4", null)]
    [InlineData("example.com:80", "example.com", 80)]
    [InlineData("user:pass%20@localhost:80", "localhost", 80)]
    [InlineData("[2001:db8::1]", "[2001:db8::1]", null)]
    [InlineData("[::1]:8080", "[::1]", 8080)]
    [InlineData("::", null, null)]
    [InlineData(":@", null, null)]
    [InlineData("@@", null, null)]
    [InlineData("@:", null, null)]
    [InlineData(" ", null, null)]
    [InlineData("", null, null)]
    [InlineData("#", null, null)]
    [InlineData("localhost:what", null, null)]
    [InlineData("localhost:", null, null)]
    [InlineData("localhost:65536", null, null)]
    [InlineData("[::1", null, null)]
    [InlineData("[]", null, null)]
    [InlineData("a/b", null, null)]
    public void Authorities_are_split(string text, string? host, int? port)
    {
        var valid = RequestSyntax.TrySplitAuthority(text, out var foundHost, out var foundPort);
        Assert.Equal(host is not null, valid);
        if (valid)
            Assert.Equal((host, port), (foundHost, foundPort));
    }

    [Theory]
    [InlineData("https://api.example.com", "https", "API.example.com", 443, true)]
    [InlineData("https://api.example.com", "https", "api.example.com.", 443, true)]
    [InlineData("https://api.example.com", "http", "api.example.com", 80, false)]
    [InlineData("https://api.example.com", "https", "api.example.com", 8443, false)]
    [InlineData("https://api.example.com:8443/", "https", "api.example.com", 8443, true)]
    [InlineData("https://*.example.com", "https", "a.b.example.com", 443, true)]
    [InlineData("https://*.example.com", "https", "example.com", 443, false)]
    [InlineData("https://*.example.com", "https", "badexample.com", 443, false)]
    [InlineData("*://localhost:*", "http", "localhost", 12345, true)]
    [InlineData("*://localhost", "http", "localhost", 80, true)]
    [InlineData("*://*:*", "https", "anything", 1, true)]
    [InlineData("http://[::1]:80", "http", "[::1]", 80, true)]
    [InlineData("http://*", "http", "10.0.0.1", 80, true)]
    [InlineData("http://*", "http", "10.0.0.1", 81, false)]
    [InlineData("api.example.com", "https", "api.example.com", 443, true)]
    [InlineData("api.example.com", "http", "api.example.com", 443, false)]
    [InlineData("localhost:8080", "http", "localhost", 8080, true)]
    [InlineData("*", "http", "10.0.0.1", 81, true)]
    public void Rules_mean_what_they_say(string rule, string scheme, string host, int port, bool allowed) =>
        Assert.Equal(allowed, HttpRule.Parse(rule).Allows(scheme, host, port));

    [Theory]
    [InlineData("")]
    [InlineData("ftp://example.com")]
    [InlineData("https://")]
    [InlineData("https://example.com/path")]
    [InlineData("https://example.com:port")]
    [InlineData("https://a b")]
    [InlineData("https://*.*.com")]
    public void What_is_no_rule_is_refused_with_a_reason(string rule) =>
        Assert.Contains($"'{rule}'", Assert.Throws<FormatException>(() => HttpRule.Parse(rule)).Message, StringComparison.Ordinal);

    [Fact]
    public void Parts_of_a_request_are_checked()
    {
        using var context = Guest.Context();
        var request = new OutgoingRequest(context, new Fields(100));
        Assert.Equal(("GET", null, null, null), (request.Method, request.PathWithQuery, request.Scheme, request.Authority));
        foreach (var valid in new[] { "GET", "coucou", "#$%&'!*+-.^_`|~" })
            Assert.True(request.SetMethod(valid).IsOk);
        foreach (var invalid in new[] { "", "G ET", "GET/", "ü", "a\n" })
            Assert.True(request.SetMethod(invalid).IsErr);
        foreach (var valid in new[] { "/", "/a/../b", "/?foo", "a/b", "?x", "", "/ü" })
            Assert.True(request.SetPathWithQuery(valid).IsOk);
        foreach (var invalid in new[] { "/ ", "/\n", "/#x", "/\0" })
            Assert.True(request.SetPathWithQuery(invalid).IsErr);
        foreach (var valid in new[] { "http", "h2+x-1.0" })
            Assert.True(request.SetScheme(valid).IsOk);
        foreach (var invalid in new[] { "", "1http", "ht tp", "é" })
            Assert.True(request.SetScheme(invalid).IsErr);
    }

    [Fact]
    public void Any_text_is_judged_without_an_exception() => Gen.String.Sample(text =>
    {
        RequestSyntax.IsMethod(text);
        RequestSyntax.IsScheme(text);
        RequestSyntax.IsPathWithQuery(text);
        RequestSyntax.IsAuthority(text);
        try
        {
            HttpRule.Parse("https://" + text);
        }
        catch (FormatException)
        {
        }
    });
}
