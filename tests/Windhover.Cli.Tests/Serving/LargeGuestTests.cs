using System.Net;
using System.Text;
using Windhover.Cli.Tests.Commands;

namespace Windhover.Cli.Tests.Serving;

/// <summary>The large guests served, where they were built (guests/build-all.sh js-http csharp-http).</summary>
public sealed class LargeGuestTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_javascript_component_on_starlingmonkey_answers()
    {
        await using var server = await ServingProcess.Start(ProgramTests.Artifact("guests/js-http.wasm", "guests/build-all.sh js-http"));
        Assert.Equal("Hello from JavaScript\n", await server.Client.GetStringAsync("/", Token));
        Assert.Equal("""{"hello":"ä b","query":{"x":"1"}}""", await server.Client.GetStringAsync("/json/%C3%A4%20b?x=1", Token));
        var body = string.Concat(Enumerable.Repeat("0123456789abcdef", 20_000));
        using var echo = await server.Client.PostAsync("/echo", new StringContent(body), Token);
        Assert.Equal(body, await echo.Content.ReadAsStringAsync(Token));
        using var hash = await server.Client.PostAsync("/sha256", new StringContent("abc"), Token);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n", await hash.Content.ReadAsStringAsync(Token));
        Assert.Equal("slept\n", await server.Client.GetStringAsync("/sleep/50", Token));
        Assert.Equal(0, await server.Stop());
    }

    [Fact]
    public async Task A_csharp_component_on_mono_answers()
    {
        await using var server = await ServingProcess.Start(ProgramTests.Artifact("guests/csharp-http.wasm", "guests/build-all.sh csharp-http"));
        Assert.Contains("\"hello\":\"C#\"", await server.Client.GetStringAsync("/", Token), StringComparison.Ordinal);
        using var sum = await server.Client.PostAsync("/sum", new StringContent("[1, 2.5, 3]", Encoding.UTF8, "application/json"), Token);
        Assert.Equal("""{"sum":6.5}""", await sum.Content.ReadAsStringAsync(Token));
        Assert.Equal("""{"primes":168}""", await server.Client.GetStringAsync("/primes/1000", Token));
        using var failed = await server.Client.GetAsync("/throw", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, failed.StatusCode);
        Assert.Contains("\"hello\":\"C#\"", await server.Client.GetStringAsync("/", Token), StringComparison.Ordinal);
        Assert.Equal(0, await server.Stop());
    }
}
