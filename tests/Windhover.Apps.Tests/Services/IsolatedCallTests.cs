using System.Diagnostics;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Windhover.Apps.Runtime;
using Windhover.Hosting.Isolation;
using Windhover.Hosting.Isolation.Calls;

namespace Windhover.Apps.Tests.Services;

/// <summary>
/// Apps in processes of their own call others and are called. <c>far</c> (0.2) and <c>far3</c> (0.3) hand requests on (/AUTHORITY/PATH → http://AUTHORITY/PATH) in processes of their own, <c>near</c>
/// and <c>near3</c> do in the server's; <c>hello</c> and <c>fields</c> answer.
/// </summary>
public sealed class IsolatedCallTests : IAsyncLifetime
{
    private const string Everybody = "\"http://hello.internal\", \"http://fields.internal\", \"http://absent.internal\", \"http://near.internal\", \"http://near3.internal\", \"http://far.internal\", \"http://far3.internal\"";

    private readonly AppsFixture _apps = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Answering("hello", "c-http");
        Answering("other", "c-http");
        Answering("fields", "c-http-fields");
        Proxy("near", "rust-proxy", "instance");
        Proxy("near3", "c-proxy-p3", "instance");
        Proxy("far", "rust-proxy", "process");
        Proxy("far3", "c-proxy-p3", "process");
        await _apps.StartAsync();
        _apps.Client.Timeout = Timeout.InfiniteTimeSpan; // the tests have their own
        Assert.Empty(_apps.Server.Problems);
    }

    public ValueTask DisposeAsync() => _apps.DisposeAsync();

    [Theory]
    [InlineData("far", "/hello.internal/")]
    [InlineData("far3", "/hello.internal/")]
    [InlineData("far", "/far3.internal/hello.internal/")]
    [InlineData("far3", "/far.internal/hello.internal/")]
    [InlineData("near", "/far.internal/near3.internal/far3.internal/hello.internal/")]
    [InlineData("near3", "/far3.internal/near.internal/hello.internal/")]
    public async Task Calls_go_from_process_to_process(string first, string path)
    {
        for (int i = 0; i < 3; i++) // guests that waited run on other threads the next time
            Assert.Equal((HttpStatusCode.OK, "Hello from C\n"), await AskAsync(first, path));
        Assert.Equal(3, Stats("hello").Requests);
    }

    // Answers, errors and what the callee sees are those of a caller in the server's process.
    [Theory]
    [InlineData("/hello.internal/headers?a=%20b&c")]
    [InlineData("/hello.internal/a%2Fb/../%63")]
    [InlineData("/hello.internal/status/418")]
    [InlineData("/hello.internal/status/204")]
    [InlineData("/hello.internal/trap")]
    [InlineData("/fields.internal/bytes")]
    [InlineData("/fields.internal/short")]
    [InlineData("/fields.internal/long")]
    [InlineData("/fields.internal/undeclared")]
    [InlineData("/absent.internal/")]
    [InlineData("/other.internal/")]
    [InlineData("/hello.internal:81/")]
    public async Task A_call_looks_as_one_within_the_server(string path)
    {
        foreach ((string near, string far) in new[] { ("near", "far"), ("near3", "far3") })
        {
            (HttpStatusCode Status, string Text) within = await AskAsync(near, path);
            (HttpStatusCode Status, string Text) across = await AskAsync(far, path);
            Assert.Equal((within.Status, Sorted(within.Text)), (across.Status, Sorted(across.Text)));
        }

        Assert.Equal(0, Stats("other").Requests);
        Assert.DoesNotContain("x-windhover", (await AskAsync("far", path)).Text, StringComparison.Ordinal);

        static string Sorted(string text) => string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal)); // fields have no order among each other
    }

    [Theory]
    [InlineData("far", "/far.internal/hello.internal/", "far → far")]
    [InlineData("near", "/far.internal/near.internal/hello.internal/", "near → far → near")]
    [InlineData("far", "/near.internal/far.internal/hello.internal/", "far → near → far")]
    [InlineData("far3", "/far.internal/near.internal/far3.internal/hello.internal/", "far3 → far → near → far3")]
    public async Task A_circle_through_processes_ends(string first, string path, string circle)
    {
        Assert.Equal((HttpStatusCode.LoopDetected, $"apps call each other in a circle: {circle}"), await AskAsync(first, path));
        Assert.Equal(0, Stats("hello").Requests);
        await EverythingEndsAsync();
    }

    [Fact]
    public async Task The_depth_is_counted_through_processes()
    {
        for (int i = 1; i <= 6; i++)
            Proxy($"p{i}", "rust-proxy", "instance", $"\"http://p{i + 1}.internal\", {Everybody}");
        await _apps.Server.LoadAsync(Token);
        Assert.Equal("Hello from C\n", (await AskAsync("p1", "/p2.internal/p3.internal/p4.internal/p5.internal/p6.internal/far.internal/hello.internal/")).Text);
        (HttpStatusCode status, string text) = await AskAsync("p1", "/p2.internal/p3.internal/p4.internal/p5.internal/p6.internal/far.internal/near.internal/hello.internal/");
        Assert.Equal((HttpStatusCode.LoopDetected, "calls between apps are nested more than 8 deep: p1 → p2 → p3 → p4 → p5 → p6 → far → near"), (status, text));
    }

    // Much more than all buffers on the way have room for, in both directions at once.
    [Fact]
    public async Task A_hundred_megabytes_go_through_both_ways()
    {
        const int Chunks = 1600;
        byte[] chunk = RandomNumberGenerator.GetBytes(64 * 1024);
        using IncrementalHash sent = IncrementalHash.CreateHash(HashAlgorithmName.SHA256), received = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var content = new ChunkContent(Chunks, () => chunk);
        for (int i = 0; i < Chunks; i++)
            sent.AppendData(chunk);
        using HttpResponseMessage answer = await SendAsync("far3", HttpMethod.Post, "/hello.internal/echo", content, Token);
        await using Stream stream = await answer.Content.ReadAsStreamAsync(Token);
        byte[] buffer = new byte[64 * 1024];
        for (int n; (n = await stream.ReadAsync(buffer, Token)) > 0;)
            received.AppendData(buffer, 0, n);
        Assert.Equal(sent.GetHashAndReset(), received.GetHashAndReset());
    }

    // Two callees that read nothing have their windows full; a third gets its content nevertheless, over the same connection.
    [Fact]
    public async Task A_callee_that_does_not_read_holds_up_its_caller_and_nobody_else()
    {
        byte[] chunk = new byte[64 * 1024];
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using ChunkContent first = new(1000, () => chunk), second = new(1000, () => chunk), third = new(1000, () => chunk);
        using HttpClient one = new(), two = new(), three = new(); // each has a connection of its own to the server
        Task[] stuck = [.. new[] { (one, first), (two, second), (three, third) }.Select(c => SendAsync("far3", HttpMethod.Post, "/hello.internal/sleep/600000", c.Item2, end.Token, c.Item1))];
        await UntilAsync(() => Stats("hello").Running == 3 && first.Sent + second.Sent + third.Sent > 3 * 1024 * 1024 / 2);
        byte[] body = RandomNumberGenerator.GetBytes(64 * 1024);
        using (HttpResponseMessage echo = await SendAsync("far3", HttpMethod.Post, "/hello.internal/echo", new ChunkContent(50, () => body), Token))
            Assert.Equal(Enumerable.Repeat(body, 50).SelectMany(b => b), await echo.Content.ReadAsByteArrayAsync(Token));
        Assert.All(new[] { first, second, third }, c => Assert.InRange(c.Sent, 0, 16 << 20));
        await end.CancelAsync();
        await Task.WhenAll(stuck).ContinueWith(static _ => { }, TaskScheduler.Default);
        await EverythingEndsAsync();
    }

    [Theory]
    [InlineData("far", "/hello.internal/sleep/600000")]
    [InlineData("far3", "/hello.internal/sleep/600000")]
    [InlineData("near", "/far3.internal/near3.internal/hello.internal/sleep/600000")]
    public async Task A_client_that_leaves_ends_all_calls(string first, string path)
    {
        using var left = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<HttpResponseMessage> call = SendAsync(first, HttpMethod.Get, path, null, left.Token);
        await UntilAsync(() => Stats("hello").Running == 1);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await EverythingEndsAsync();
    }

    [Fact]
    public async Task A_process_that_is_killed_takes_its_calls_with_it_and_nothing_else()
    {
        Task<(HttpStatusCode Status, string)> lost = AskAsync("far", "/hello.internal/sleep/600000"), nested = AskAsync("near", "/far.internal/hello.internal/sleep/600000");
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<HttpResponseMessage> other = SendAsync("far3", HttpMethod.Get, "/hello.internal/sleep/600000", null, end.Token);
        await UntilAsync(() => Stats("hello").Running == 3);
        CallServer before = Worker("far").Calls!;
        Process.GetProcessById(Worker("far").ProcessId!.Value).Kill();
        Assert.Equal(HttpStatusCode.BadGateway, (await lost).Status);
        Assert.Equal(HttpStatusCode.BadGateway, (await nested).Status);
        await UntilAsync(() => Stats("hello").Running == 1);
        await UntilAsync(() => before.Running == 0);
        Assert.Equal((HttpStatusCode.OK, "Hello from C\n"), await AskAsync("far", "/hello.internal/")); // by the next process, with another socket's key
        Assert.NotEqual(before.Offer.Key, Worker("far").Calls!.Offer.Key);
        await end.CancelAsync();
        await other.ContinueWith(static _ => { }, TaskScheduler.Default);
        await EverythingEndsAsync();
    }

    [Fact]
    public async Task Many_calls_at_once_share_a_connection()
    {
        (HttpStatusCode, string)[] answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => AskAsync(i % 2 == 0 ? "far" : "far3", i % 3 == 0 ? "/hello.internal/sleep/20" : "/hello.internal/")));
        Assert.True(answers.All(a => a.Item1 == HttpStatusCode.OK), string.Join('\n', _apps.Logs.Read(null).Select(l => l.Message)));
        await EverythingEndsAsync();
    }

    [Fact]
    public async Task Calls_beyond_the_budget_are_refused_to_the_guest_and_slots_come_back()
    {
        Proxy("few", "rust-proxy", "process", Everybody, "budget = { outbound-requests = 2 }");
        await _apps.Server.LoadAsync(Token);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<HttpResponseMessage>[] held = [.. Enumerable.Range(0, 2).Select(_ => SendAsync("few", HttpMethod.Get, "/hello.internal/sleep/600000", null, end.Token))];
        await UntilAsync(() => Stats("hello").Running == 2);
        Assert.Equal((HttpStatusCode.BadGateway, "ErrorCode::ConnectionLimitReached\n"), await AskAsync("few", "/hello.internal/"));

        // A worker that does not count is stopped a little later.
        CallsOffer offer = Worker("few").Calls!.Offer;
        using HttpMessageInvoker forged = Hop.CreateClient(offer.Socket, 1 << 16);
        Task<HttpStatusCode?>[] more = [.. Enumerable.Range(0, 20).Select(_ => ForgeAsync(forged, offer.Key, "hello.internal", "/sleep/600000", null, end.Token))];
        await UntilAsync(() => more.Count(m => m.IsCompleted) == 18 && Stats("hello").Running == 4);
        await end.CancelAsync();
        await Task.WhenAll(held).ContinueWith(static _ => { }, TaskScheduler.Default);
        await EverythingEndsAsync();
        Assert.Equal("Hello from C\n", (await AskAsync("few", "/hello.internal/")).Text);
    }

    // The test speaks as a worker that its guest has taken over.
    [Fact]
    public async Task A_worker_that_lies_reaches_nothing_more()
    {
        Assert.Equal("Hello from C\n", (await AskAsync("far", "/hello.internal/")).Text);
        Assert.Equal("Hello from C\n", (await AskAsync("far3", "/hello.internal/")).Text);
        CallsOffer offer = Worker("far").Calls!.Offer, others = Worker("far3").Calls!.Offer;
        using HttpMessageInvoker own = Hop.CreateClient(offer.Socket, 1 << 16), foreign = Hop.CreateClient(others.Socket, 1 << 16);
        Assert.Equal(HttpStatusCode.OK, await ForgeAsync(own, offer.Key, "hello.internal", "/", null, Token));

        // What it was not granted.
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(own, offer.Key, "other.internal", "/", null, Token));
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(own, offer.Key, "hello.internal:81", "/", null, Token));
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(own, offer.Key, "hello.internal", "/", null, Token, scheme: "https"));
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(own, offer.Key, "example.com", "/", null, Token));
        await _apps.LineAsync(l => l.Message.Contains("a call was refused: its process called `other.internal`", StringComparison.Ordinal));

        // As another one: with its own key on the other's socket, and the other way round.
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(foreign, offer.Key, "hello.internal", "/", null, Token));
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(own, others.Key, "hello.internal", "/", null, Token));
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(own, "", "hello.internal", "/", null, Token));

        // Numbers of requests that there are not, or no more: it stands at the end of the chain all the same.
        foreach (string? number in new[] { null, "1", "999", "-1", "18446744073709551616", "x" })
            Assert.Equal(HttpStatusCode.LoopDetected, await ForgeAsync(own, offer.Key, "near.internal", "/far.internal/hello.internal/", number, Token));

        // As the server, on the other's own socket.
        using HttpMessageInvoker server = Hop.CreateClient(Path.ChangeExtension(others.Socket, "sock"), 1 << 16);
        Assert.Equal(HttpStatusCode.Forbidden, await ForgeAsync(server, offer.Key, "far3.test", "/hello.internal/", null, Token));
        Assert.Equal(0, Stats("other").Requests);
        await EverythingEndsAsync();
    }

    [Fact]
    public async Task A_worker_that_speaks_nonsense_harms_itself_only()
    {
        Assert.Equal("Hello from C\n", (await AskAsync("far", "/hello.internal/")).Text);
        CallsOffer offer = Worker("far").Calls!.Offer;
        for (int i = 0; i < 20; i++)
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            await socket.ConnectAsync(new System.Net.Sockets.UnixDomainSocketEndPoint(offer.Socket), Token);
            try
            {
                await socket.SendAsync(i == 0 ? "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray() : RandomNumberGenerator.GetBytes(5000), Token);
            }
            catch (System.Net.Sockets.SocketException)
            {
                // More connections than one worker needs are closed at once.
            }
        }

        Assert.Equal("Hello from C\n", (await AskAsync("far", "/hello.internal/")).Text);
        Assert.Equal("Hello from C\n", (await AskAsync("far3", "/hello.internal/")).Text);
    }

    private static async Task<HttpStatusCode?> ForgeAsync(
        HttpMessageInvoker client, string key, string host, string path, string? number, CancellationToken cancellation, string scheme = "http")
    {
        using var message = new HttpRequestMessage(HttpMethod.Get, "http://server" + path) { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        message.Headers.Host = host;
        HopHeaders.Set(message, key, scheme, null);
        if (number is not null)
            message.Headers.TryAddWithoutValidation(HopHeaders.Request, number);
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(message, cancellation);
            return answer.StatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return null;
        }
    }

    private void Answering(string name, string guest) => _apps.Write(
        name, $"name = \"{name}\"\n[component.web]\nsource = \"{guest}.wasm\"\nbudget = {{ wall = \"10m\" }}\n[[http]]\nroute = \"/{{**path}}\"\nprivate = true", $"{guest}/{guest}.wasm");

    private void Proxy(string name, string guest, string isolation, string hosts = Everybody, string more = "budget = { wall = \"10m\", memory-per-instance = \"16MiB\" }") => _apps.Write(
        name,
        $"""
        name = "{name}"
        [component.proxy]
        source = "{guest}.wasm"
        isolation = "{isolation}"
        allow-hosts = [{hosts}]
        {more}
        [[http]]
        route = "/{"{**path}"}"
        host = "{name}.test"
        """,
        $"{guest}/{guest}.wasm");

    private AppStats Stats(string app) => _apps.Server.Find(app)!.Stats;

    private IsolatedApp Worker(string app) => _apps.Server.Find(app)!.Unit("proxy").Loaded!.Isolated!;

    private async Task<(HttpStatusCode Status, string Text)> AskAsync(string first, string path)
    {
        using HttpResponseMessage answer = await SendAsync(first, HttpMethod.Get, path, null, Token);
        string text = await answer.Content.ReadAsStringAsync(Token);
        return (answer.StatusCode, Regex.Replace(text, "^traceparent: .*\n", "", RegexOptions.Multiline)); // each request has its own, and none while no other test listens
    }

    private Task<HttpResponseMessage> SendAsync(string first, HttpMethod method, string path, HttpContent? content, CancellationToken cancellation, HttpClient? client = null)
    {
        bool isDuplex = content is not null;
        Uri server = isDuplex ? _apps.Http2 : _apps.Client.BaseAddress!;
        var uri = new Uri(server.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(method, uri)
        {
            Content = content,
            Headers = { Host = $"{first}.test" },
            Version = isDuplex ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return (client ?? _apps.Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    private Task EverythingEndsAsync() => UntilAsync(() => _apps.Server.Apps.All(a => a.Stats.Running == 0));

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(10));
        while (!reached())
            await Task.Delay(5, limit.Token); // of processes: there is no event to wait for
    }

    /// <summary>A content without a length, which counts what has been taken of it. .NET's client reads while it writes this one, and not while it writes arrays.</summary>
    private sealed class ChunkContent(int chunks, Func<byte[]> chunk) : HttpContent
    {
        private long _sent;

        public long Sent => Volatile.Read(ref _sent);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            for (int i = 0; i < chunks; i++)
            {
                await stream.WriteAsync(chunk(), cancellationToken);
                Interlocked.Add(ref _sent, 64 * 1024);
            }
        }
    }
}
