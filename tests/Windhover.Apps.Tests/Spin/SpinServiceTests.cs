using System.Net;

namespace Windhover.Apps.Tests.Spin;

/// <summary>Components of an application for Spin that call each other, and routes below a base.</summary>
public sealed class SpinServiceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://web.spin.internal")]
    [InlineData("http://*.spin.internal")]
    public async Task A_component_reaches_another_past_all_routes(string rule)
    {
        await using var apps = new AppsFixture();
        Write(apps, "shop", Manifest(rule));
        await apps.StartAsync();
        Assert.Empty(apps.Server.Problems);
        Assert.Empty(apps.Server.Find("shop")!.Manifest.Unsupported);
        Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/web.spin.internal/", Token));
        string headers = await apps.Client.GetStringAsync("/web.spin.internal/headers", Token);
        Assert.Contains("spin-path-info: /headers\n", headers, StringComparison.Ordinal);
        Assert.Contains("spin-matched-route: /...\n", headers, StringComparison.Ordinal);
        byte[] body = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 7))];
        HttpResponseMessage echo = await apps.Client.PostAsync("/web.spin.internal/echo", new ByteArrayContent(body), Token);
        Assert.Equal(body, await echo.Content.ReadAsByteArrayAsync(Token));
        Assert.Contains("<code>web.spin.internal</code>", await apps.Client.GetStringAsync("/_windhover/apps/shop", Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("front")]
    [InlineData("web")]
    [InlineData("front", "web", "else")]
    public async Task Components_in_processes_of_their_own_reach_each_other_too(params string[] apart)
    {
        await using var apps = new AppsFixture();
        Write(apps, "shop", Manifest("http://*.spin.internal") + string.Concat(apart.Select(name => $"\n[component.{name}.tool.windhover]\nisolation = \"process\"\n[component.{name}.tool.other]\nx = 1")));
        await apps.StartAsync();
        Assert.Empty(apps.Server.Problems);
        Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/web.spin.internal/", Token));
        Assert.Contains("spin-matched-route: /...\n", await apps.Client.GetStringAsync("/web.spin.internal/headers", Token), StringComparison.Ordinal);
        HttpResponseMessage circle = await apps.Client.GetAsync("/else.spin.internal/front.spin.internal/", Token);
        Assert.Equal((HttpStatusCode.LoopDetected, "components call each other in a circle: shop → shop/else → shop/front"), (circle.StatusCode, await circle.Content.ReadAsStringAsync(Token)));
        Assert.Equal(HttpStatusCode.BadGateway, (await apps.Client.GetAsync("/none.spin.internal/", Token)).StatusCode);
        Assert.All(apart, name => Assert.True(name == "else" || apps.Server.Find("shop")!.Unit(name).Loaded!.Isolated is not null));
    }

    [Fact]
    public async Task What_is_not_known_of_a_process_is_a_problem_with_its_place()
    {
        await using var apps = new AppsFixture();
        Write(apps, "shop", Manifest("http://*.spin.internal") + "\n[component.web.tool.windhover]\nisolatoin = \"process\"");
        await apps.StartAsync();
        Assert.Contains("has no key `isolatoin`; the nearest is `isolation`", Assert.Single(apps.Server.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://else.spin.internal")]
    [InlineData("https://web.spin.internal")]
    [InlineData("http://self")]
    public async Task What_the_manifest_does_not_allow_is_refused(string rule)
    {
        await using var apps = new AppsFixture();
        Write(apps, "shop", Manifest(rule));
        await apps.StartAsync();
        Assert.Empty(apps.Server.Problems);
        Assert.Equal(HttpStatusCode.BadGateway, (await apps.Client.GetAsync("/web.spin.internal/", Token)).StatusCode);
    }

    // A name stands for a component of the application that asks, and of no other. Private routes are reached from nowhere else.
    [Fact]
    public async Task Components_of_other_applications_are_not_reached()
    {
        await using var apps = new AppsFixture();
        Write(apps, "shop", Manifest("http://*.spin.internal"));
        Write(apps, "other", """
            spin_manifest_version = 2
            [application]
            name = "other"
            [[trigger.http]]
            route = "/other/..."
            component = "away"
            [component.away]
            source = "c-http.wasm"
            """);
        apps.Write("caller", "name = \"caller\"\n[component.proxy]\nsource = \"rust-proxy.wasm\"\nallow-hosts = [\"http://shop.internal\", \"http://web.spin.internal\"]\n[[http]]\nroute = \"/{**path}\"\nhost = \"caller.example\"", "rust-proxy/rust-proxy.wasm");
        await apps.StartAsync();
        Assert.Empty(apps.Server.Problems);
        Assert.Equal(HttpStatusCode.BadGateway, (await apps.Client.GetAsync("/away.spin.internal/", Token)).StatusCode);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, "/web.spin.internal/");
        foreign.Headers.Host = "caller.example";
        Assert.Equal(HttpStatusCode.BadGateway, (await apps.Client.SendAsync(foreign, Token)).StatusCode);
    }

    [Fact]
    public async Task A_circle_of_components_ends()
    {
        await using var apps = new AppsFixture();
        Write(apps, "shop", Manifest("http://*.spin.internal"));
        await apps.StartAsync();
        HttpResponseMessage answer = await apps.Client.GetAsync("/front.spin.internal/x/", Token);
        Assert.Equal(HttpStatusCode.LoopDetected, answer.StatusCode);
        Assert.Equal("components call each other in a circle: shop → shop/front", await answer.Content.ReadAsStringAsync(Token));
        answer = await apps.Client.GetAsync("/else.spin.internal/front.spin.internal/x/", Token);
        Assert.Equal("components call each other in a circle: shop → shop/else → shop/front", await answer.Content.ReadAsStringAsync(Token));
    }

    [Theory]
    [InlineData("/headers", "/...", "/headers", "/headers/...", "/...", "", "")]
    [InlineData("headers/", "/", "/headers", "/headers", "/", "/", "")]
    [InlineData("/", "/headers/...", "/", "/headers/...", "/headers/...", "/headers", "")]
    public async Task Routes_lie_below_the_base(string below, string route, string basePath, string matched, string raw, string component, string rest)
    {
        await using var apps = new AppsFixture();
        Write(apps, "web", $"""
            spin_manifest_version = 2
            [application]
            name = "web"
            [application.trigger.http]
            base = "{below}"
            [[trigger.http]]
            route = "{route}"
            component = "web"
            [component.web]
            source = "c-http.wasm"
            """);
        await apps.StartAsync();
        Assert.Empty(apps.Server.Problems);
        Assert.Empty(apps.Server.Find("web")!.Manifest.Unsupported);
        Assert.Equal(HttpStatusCode.NotFound, (await apps.Client.GetAsync("/", Token)).StatusCode);
        Assert.Equal(0, apps.Server.Find("web")!.Stats.Requests);
        string[] headers = (await apps.Client.GetStringAsync("/headers", Token)).Split('\n');
        Assert.Contains($"spin-base-path: {basePath}", headers);
        Assert.Contains($"spin-matched-route: {matched}", headers);
        Assert.Contains($"spin-raw-component-route: {raw}", headers);
        Assert.Contains($"spin-component-route: {component}", headers);
        Assert.Contains($"spin-path-info: {rest}", headers);
    }

    private static string Manifest(string rule) => $$"""
        spin_manifest_version = 2
        [application]
        name = "shop"
        [[trigger.http]]
        route = "/..."
        component = "front"
        [[trigger.http]]
        route = { private = true }
        component = "web"
        [[trigger.http]]
        route = { private = true }
        component = "else"
        [component.front]
        source = "rust-proxy.wasm"
        allowed_outbound_hosts = ["{{rule}}"]
        [component.web]
        source = "c-http.wasm"
        [component.else]
        source = "rust-proxy.wasm"
        allowed_outbound_hosts = ["http://front.spin.internal"]
        """;

    private static void Write(AppsFixture apps, string app, string manifest)
    {
        string folder = Path.Combine(apps.Folder, app);
        Directory.CreateDirectory(folder);
        foreach (string guest in new[] { "c-http/c-http.wasm", "rust-proxy/rust-proxy.wasm" })
            File.Copy(AppsFixture.Guest(guest), Path.Combine(folder, Path.GetFileName(guest)));
        File.WriteAllText(Path.Combine(folder, "spin.toml"), manifest);
    }
}
