using System.Net;
using System.Net.Sockets;
using Windhover.Engine;
using Windhover.Hosting.Apps;

namespace Windhover.Hosting.Tests;

/// <summary>Real components on a real Kestrel.</summary>
public sealed class ServingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_component_answers()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await server.Client.GetAsync("/", Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Hello from C\n", await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(13, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_rust_component_answers()
    {
        await using TestServer server = await TestServer.StartAsync("rust-http/rust-http.wasm");
        using HttpResponseMessage response = await server.Client.GetAsync("/", Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("/echo", 0)]
    [InlineData("/echo", 100)]
    [InlineData("/echo", 5_000_000)]
    [InlineData("/splice", 5_000_000)]
    public async Task A_body_comes_back(string path, int length)
    {
        await using TestServer server = await TestServer.StartAsync();
        var body = new byte[length];
        new Random(1).NextBytes(body);
        using HttpResponseMessage response = await server.Client.PostAsync(path, new ByteArrayContent(body), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task A_trap_is_500_for_the_client_and_a_backtrace_in_the_log()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage response = await server.Client.GetAsync("/trap", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync(Token));
        string line = Assert.Single(server.Log.Lines);
        Assert.Contains("unreachable", line, StringComparison.Ordinal);
        Assert.Contains("wasm backtrace", line, StringComparison.Ordinal);

        Assert.Equal("Hello from C\n", await server.Client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task A_guest_that_spins_is_stopped_with_504()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Timeout = TimeSpan.FromMilliseconds(200));
        using HttpResponseMessage response = await server.Client.GetAsync("/spin", Token);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Fact]
    public async Task A_guest_that_sleeps_too_long_is_stopped_with_504()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Timeout = TimeSpan.FromMilliseconds(200));
        using HttpResponseMessage response = await server.Client.GetAsync("/sleep/60000", Token);
        Assert.Equal(HttpStatusCode.GatewayTimeout, response.StatusCode);
    }

    [Fact]
    public async Task Memory_beyond_the_limit_is_refused_to_the_guest()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.MaxMemoryBytes = 64 << 20);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/memory/10", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await server.Client.GetAsync("/memory/100", Token)).StatusCode);
    }

    [Fact]
    public async Task Guests_that_sleep_do_not_hold_up_each_other()
    {
        await using TestServer server = await TestServer.StartAsync();
        Task<HttpResponseMessage>[] requests = [.. Enumerable.Range(0, 100).Select(_ => server.Client.GetAsync("/sleep/300", Token))];
        foreach (HttpResponseMessage response in await Task.WhenAll(requests))
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task More_requests_at_a_time_than_allowed_get_429()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.Budget = Budget.Parse("requests=1,queued-requests=0"));

        // The echo's first bytes have come back: its guest has the only place, until its request ends.
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Http.Host, server.Http.Port, Token);
        await socket.SendAsync("POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"u8.ToArray(), Token);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(Token));
        while (await reader.ReadLineAsync(Token) != "first")
        {
        }

        using (HttpResponseMessage refused = await server.Client.GetAsync("/", Token))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.Equal("1", refused.Headers.GetValues("Retry-After").Single());
        }

        await socket.SendAsync("0\r\n\r\n"u8.ToArray(), Token);
        await reader.ReadToEndAsync(Token); // the answer ends, and the connection, when the guest has
        HttpStatusCode status;
        do
        {
            using HttpResponseMessage response = await server.Client.GetAsync("/", Token);
            status = response.StatusCode;
        }
        while (status == HttpStatusCode.TooManyRequests); // its place is free a moment after its last byte

        Assert.Equal(HttpStatusCode.OK, status);
    }

    [Theory]
    [InlineData("no-such-file.wasm", "there is no such file")]
    [InlineData("rust-core/rust-core.wasm", "is a core module")]
    [InlineData("values/values.wasm", "windhover:values/roundtrip@0.1.0")]
    [InlineData("lib.sh", "is not WebAssembly")]
    public async Task What_cannot_be_served_says_why(string file, string reason)
    {
        ComponentLoadException error = await Assert.ThrowsAsync<ComponentLoadException>(() => TestServer.StartAsync(file));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFileName(file), error.Message, StringComparison.Ordinal);
    }
}
