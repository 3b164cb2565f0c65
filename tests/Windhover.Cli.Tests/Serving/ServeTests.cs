using System.Net;

namespace Windhover.Cli.Tests.Serving;

public sealed class ServeTests
{
    private static readonly string Hello = Cli.Guest("c-http/c-http.wasm");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_component_answers_and_a_signal_ends_it()
    {
        await using var serving = await ServingProcess.Start(Hello);
        Assert.Equal("Hello from C\n", await serving.Client.GetStringAsync("/", Token));
        var body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        using var echo = await serving.Client.PostAsync("/echo", new ByteArrayContent(body), Token);
        Assert.Equal(body, await echo.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal(0, await serving.Stop());
        Assert.Empty(serving.Log);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_request_under_way_is_answered_before_the_end(string signal)
    {
        await using var serving = await ServingProcess.Start(Hello);
        using var first = await serving.Client.GetAsync("/", Token); // It has an idle connection too.
        var slow = serving.Client.GetAsync("/sleep/1000", Token);
        using (var other = await serving.Client.GetAsync("/", Token))
            Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        var stopped = serving.Stop(signal);
        Assert.Equal(HttpStatusCode.OK, (await slow).StatusCode);
        Assert.Equal(0, await stopped);
    }

    [Fact]
    public async Task A_trap_is_one_line_of_the_log()
    {
        await using var serving = await ServingProcess.Start(Hello);
        using (var response = await serving.Client.GetAsync("/trap", Token))
            Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        await serving.Stop();
        var line = Assert.Single(serving.Log);
        Assert.Contains("error c-http: the guest trapped answering GET /trap: ", line, StringComparison.Ordinal);
        Assert.Contains("wasm backtrace", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Limits_are_as_given()
    {
        await using var serving = await ServingProcess.Start("--timeout", "300ms", "--max-memory", "32MiB", "--max-concurrency", "20", Hello);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await serving.Client.GetAsync("/spin", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await serving.Client.GetAsync("/sleep/60000", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await serving.Client.GetAsync("/memory/100", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await serving.Client.GetAsync("/memory/4", Token)).StatusCode);
    }

    [Fact]
    public async Task Http2_is_spoken_when_asked_for()
    {
        await using var serving = await ServingProcess.Start("--http2", Hello);
        using var request = new HttpRequestMessage(HttpMethod.Get, serving.Address) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var response = await serving.Client.SendAsync(request, Token);
        Assert.Equal(HttpVersion.Version20, response.Version);
        Assert.Equal("Hello from C\n", await response.Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task Outgoing_requests_reach_what_is_granted()
    {
        await using var upstream = await ServingProcess.Start(Hello);
        var there = $"/{upstream.Address.Authority}/";
        await using (var closed = await ServingProcess.Start(Cli.Guest("rust-proxy/rust-proxy.wasm")))
            Assert.NotEqual(HttpStatusCode.OK, (await closed.Client.GetAsync(there, Token)).StatusCode);
        await using var open = await ServingProcess.Start("--allow-host", upstream.Address.Authority, Cli.Guest("rust-proxy/rust-proxy.wasm"));
        Assert.Equal("Hello from C\n", await open.Client.GetStringAsync(there, Token));
    }

    [Fact]
    public async Task What_was_compiled_is_what_serve_uses()
    {
        using var folder = new TempFolder();
        var cache = folder.Of("cache");
        (await Cli.Run("compile", "--cache", cache, Hello)).Expect(0);
        var before = Directory.GetFiles(cache).Order().ToArray();
        Assert.NotEmpty(before);
        await using var serving = await ServingProcess.Start("--cache", cache, "--max-concurrency", "50", Hello);
        Assert.Equal(before, Directory.GetFiles(cache).Order());
    }

    [Fact]
    public async Task A_process_of_its_own_serves_and_ends_with_the_server()
    {
        await using var serving = await ServingProcess.Start("--isolation", "process", Hello);
        Assert.Equal("Hello from C\n", await serving.Client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task A_port_in_use_is_one_error()
    {
        await using var serving = await ServingProcess.Start(Hello);
        (await Cli.Run("serve", "--listen", serving.Address.Authority, Hello)).ExpectError(1, $"{serving.Address.Authority}: the address is in use");
    }

    [Fact]
    public async Task A_unix_socket_serves_too()
    {
        using var folder = new TempFolder();
        await using var serving = await ServingProcess.Start("--listen", $"unix:{folder.Of("s")}", Hello);
        Assert.True(File.Exists(folder.Of("s")));
    }

    [Theory]
    [InlineData(1, "is a core module", "c-cli/c-cli.wasm")]
    [InlineData(1, "does not export `wasi:http/incoming-handler`", "c-cli/c-cli-p2.wasm")]
    [InlineData(1, "windhover:values/roundtrip@0.1.0", "values/values.wasm")]
    [InlineData(2, "is missing")]
    [InlineData(2, "--listen here", "--listen", "here", "c-http/c-http.wasm")]
    [InlineData(2, "--max-concurrency 0", "--max-concurrency", "0", "c-http/c-http.wasm")]
    [InlineData(2, "--allow-host", "--allow-host", "ftp://x", "c-http/c-http.wasm")]
    [InlineData(2, "does not exist", "--dir", "/no/such", "c-http/c-http.wasm")]
    public async Task What_cannot_be_served_says_why(int status, string text, params string[] words) =>
        (await Cli.Run(["serve", .. words.Select(w => w.EndsWith(".wasm", StringComparison.Ordinal) ? Cli.Guest(w) : w)])).ExpectError(status, text);
}
