using System.Net;

namespace Windhover.Apps.Tests.Services;

/// <summary>Apps call each other by name, through a guest that hands requests on (/AUTHORITY/PATH → http://AUTHORITY/PATH).</summary>
public sealed class ServiceTests
{
    [Fact]
    public async Task An_app_reaches_another_one_and_only_if_that_was_granted()
    {
        await using AppsFixture apps = await StartAsync();
        Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/hello.internal/"));
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.GetAsync("/hello.internal/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await apps.Client.GetAsync("/other.internal/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.NotEqual(HttpStatusCode.OK, (await apps.Client.GetAsync("/absent.internal/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(4, apps.Server.Find("proxy")!.Stats.Requests);
        Assert.Equal(2, apps.Server.Find("hello")!.Stats.Requests);
    }

    [Fact]
    public async Task A_body_goes_through()
    {
        await using AppsFixture apps = await StartAsync();
        byte[] body = [.. Enumerable.Range(0, 500_000).Select(i => (byte)(i * 7))];
        HttpResponseMessage answer = await apps.Client.PostAsync("/hello.internal/echo", new ByteArrayContent(body), TestContext.Current.CancellationToken);
        Assert.Equal(body, await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_circle_ends()
    {
        await using AppsFixture apps = await StartAsync();
        HttpResponseMessage answer = await apps.Client.GetAsync("/proxy.internal/proxy.internal/hello.internal/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.LoopDetected, answer.StatusCode);
        Assert.Contains("circle: proxy → proxy", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callee_that_declares_trailers_sends_its_content_and_no_frames()
    {
        await using AppsFixture apps = await StartAsync();
        string content = await apps.Client.GetStringAsync("/fields.internal/long", TestContext.Current.CancellationToken);
        Assert.Equal(100_000, content.Length);
    }

    [Fact]
    public async Task The_bytes_of_a_field_arrive_as_they_are()
    {
        await using AppsFixture apps = await StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.UTF8 }) { BaseAddress = apps.Client.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/hello.internal/headers");
        request.Headers.TryAddWithoutValidation("x-name", "grün");
        HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Contains("grün", System.Text.Encoding.UTF8.GetString(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_call()
    {
        await using AppsFixture apps = await StartAsync();
        using var left = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task<HttpResponseMessage> call = apps.Client.GetAsync("/hello.internal/sleep/600000", left.Token);
        await UntilAsync(() => apps.Server.Find("hello")!.Stats.Running == 1);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await UntilAsync(() => apps.Server.Find("hello")!.Stats.Running + apps.Server.Find("proxy")!.Stats.Running == 0);
    }

    private static async Task UntilAsync(Func<bool> reached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        for (; !reached(); limit.Token.ThrowIfCancellationRequested())
            await Task.Yield();
    }

    // The two share one instance each, which answers many requests: whose request a call belongs to, only the running task tells.
    [Fact]
    public async Task A_circle_of_services_that_share_instances_ends_and_calls_beside_it_do_not()
    {
        await using var apps = new AppsFixture();
        apps.Write("hello", "name = \"hello\"\n[component.web]\nsource = \"c-http-p3.wasm\"\n[[http]]\nroute = \"/{**path}\"\nprivate = true", "c-http-p3/c-http-p3.wasm");
        foreach (string name in new[] { "left", "right" })
        {
            apps.Write(
                name,
                $"""
                name = "{name}"
                [component.web]
                source = "c-proxy-p3.wasm"
                allow-hosts = ["http://hello.internal", "http://left.internal", "http://right.internal"]
                [[http]]
                route = "/{"{**path}"}"
                host = "{name}.test"
                """,
                "c-proxy-p3/c-proxy-p3.wasm");
        }

        await apps.StartAsync();
        for (int i = 0; i < 3; i++)
        {
            (HttpStatusCode Status, string Text)[] answers = await Task.WhenAll(
                Ask("/right.internal/left.internal/hello.internal/"), Ask("/right.internal/hello.internal/sleep/50"), Ask("/hello.internal/"), Ask("/left.internal/hello.internal/"));
            Assert.Equal((HttpStatusCode.LoopDetected, "apps call each other in a circle: left → right → left"), answers[0]);
            Assert.Equal((HttpStatusCode.OK, "slept\n"), answers[1]);
            Assert.Equal((HttpStatusCode.OK, "Hello from C\n"), answers[2]);
            Assert.Equal((HttpStatusCode.LoopDetected, "apps call each other in a circle: left → left"), answers[3]);
        }

        async Task<(HttpStatusCode, string)> Ask(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "left.test" } };
            using HttpResponseMessage answer = await apps.Client.SendAsync(request, TestContext.Current.CancellationToken);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
    }

    private static async Task<AppsFixture> StartAsync()
    {
        var apps = new AppsFixture();
        apps.Write(
            "hello",
            """
            name = "hello"
            [component.web]
            source = "c-http.wasm"
            [[http]]
            route = "/{**path}"
            private = true
            """,
            "c-http/c-http.wasm");
        apps.Write("fields", "name = \"fields\"\n[component.web]\nsource = \"c-http-fields.wasm\"\n[[http]]\nroute = \"/{**path}\"\nprivate = true", "c-http-fields/c-http-fields.wasm");
        apps.Write(
            "proxy",
            """
            name = "proxy"
            [component.web]
            source = "rust-proxy.wasm"
            allow-hosts = ["http://hello.internal", "http://proxy.internal", "http://fields.internal", "http://absent.internal"]
            [[http]]
            route = "/{**path}"
            """,
            "rust-proxy/rust-proxy.wasm");
        await apps.StartAsync();
        return apps;
    }
}
