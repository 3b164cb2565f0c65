using System.Net;
using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;

namespace Windhover.Apps.Tests.Serving;

/// <summary>Components of one app that import from each other, by the manifest.</summary>
public sealed class CompositionTests
{
    private const string Order = """{"o": {"customer": "Ada", "items": [{"sku": "a", "quantity": 3, "price": 4, "tags": []}], "coupon": "TEN"}}""";

    [Theory]
    [InlineData("imports = [\"rates\"]")]
    [InlineData("imports = { rates = \"rates\" }")]
    public async Task JavaScript_calls_C_in_one_instance_with_grants_of_its_own(string imports)
    {
        await using var apps = new AppsFixture();
        apps.Write("shop", $$"""
            name = "shop"
            [component.pricing]
            source = "js-qjs.wasm"
            {{imports}}
            env = { EUR = "9" }
            [component.rates]
            source = "c-rates.wasm"
            env = { EUR = "0.5" }
            [[http]]
            route = "/{**path}"
            component = "pricing"
            """, "js-qjs/js-qjs.wasm", "c-rates/c-rates.wasm");
        await apps.StartAsync();
        using HttpResponseMessage answer = await apps.Client.PostAsync(
            "/quote-order", new StringContent(Order, System.Text.Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
        string text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        Assert.Contains("EUR 5.40", text, StringComparison.Ordinal); // 10.80 at the rate of the provider's own environment
    }

    [Fact]
    public async Task Middleware_stands_in_front_of_a_service()
    {
        await using var apps = new AppsFixture();
        apps.Write("gated", """
            name = "gated"
            [component.web]
            source = "c-http-p3.wasm"
            middleware = ["gate"]
            [component.gate]
            source = "c-gate-p3.wasm"
            [[http]]
            route = "/{**path}"
            component = "web"
            """, "c-http-p3/c-http-p3.wasm", "c-gate-p3/c-gate-p3.wasm");
        await apps.StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await apps.Client.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode);
        apps.Client.DefaultRequestHeaders.Add("x-token", "windhover");
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Components_that_do_not_fit_are_named_and_the_other_apps_serve()
    {
        await using var apps = new AppsFixture();
        apps.Write("broken", """
            name = "broken"
            [component.pricing]
            source = "js-qjs.wasm"
            imports = { prices = "rates" }
            [component.rates]
            source = "c-rates.wasm"
            [[http]]
            route = "/broken/{**path}"
            component = "pricing"
            """, "js-qjs/js-qjs.wasm", "c-rates/c-rates.wasm");
        apps.Write("whole", """
            name = "whole"
            [component.web]
            source = "c-http.wasm"
            [[http]]
            route = "/"
            """, "c-http/c-http.wasm");
        await apps.StartAsync();
        Assert.False((await apps.Client.GetAsync("/broken/openapi.json", TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Contains(apps.Logs.Read(null), l => l.Message.Contains("js-qjs.wasm has no import `prices`", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("imports = [\"b\"]", "imports = [\"a\"]", "in a circle: a → b → a")]
    [InlineData("imports = [\"bb\"]", "", "the app has no component `bb`; the nearest is `b`")]
    [InlineData("middleware = [\"c\"]", "", "the app has no component `c`")]
    [InlineData("imports = { x = 1 }", "", "`x` is not a string")]
    public void What_makes_no_sense_is_refused_at_its_place(string first, string second, string error)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "a.wasm"), "");
        string text = $"name = \"x\"\n[component.a]\nsource = \"a.wasm\"\n{first}\n[component.b]\nsource = \"a.wasm\"\n{second}\n";
        ManifestException thrown = Assert.Throws<ManifestException>(() => ManifestReader.Read(Path.Combine(folder.Path, "windhover.toml"), text, new ManifestContext([], new FileSecrets(null), folder.Path)));
        Assert.Contains(error, thrown.Message, StringComparison.Ordinal);
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("windhover-compose-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
