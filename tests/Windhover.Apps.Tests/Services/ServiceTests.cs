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
        apps.Write(
            "proxy",
            """
            name = "proxy"
            [component.web]
            source = "rust-proxy.wasm"
            allow-hosts = ["http://hello.internal", "http://proxy.internal", "http://absent.internal"]
            [[http]]
            route = "/{**path}"
            """,
            "rust-proxy/rust-proxy.wasm");
        await apps.StartAsync();
        return apps;
    }
}
