using Windhover.Apps.Manifest;
using Windhover.Apps.Spin;
using Windhover.Apps.Toml;
using Windhover.Hosting.Capabilities.Config;

namespace Windhover.Apps.Tests.Spin;

public sealed class SpinTests
{
    private const string App = """
        spin_manifest_version = 2

        [application]
        name = "Spin_App"
        version = "0.1.0"
        authors = ["A <a@example.com>"]

        [variables]
        greeting = { default = "hello" }

        [[trigger.http]]
        route = "/api/:id/..."
        component = "web"

        [[trigger.http]]
        route = "/proxy/..."
        component = "proxy"

        [component.web]
        source = "c-http.wasm"
        allowed_outbound_hosts = []
        [component.web.variables]
        text = "{{ greeting }} there"
        [component.web.build]
        command = "make"

        [component.proxy]
        source = { url = "https://example.com/x.wasm", digest = "sha256:DIGEST" }
        """;

    [Fact]
    public async Task An_app_of_spin_runs_as_it_is()
    {
        await using var apps = new AppsFixture();
        string folder = Path.Combine(apps.Folder, "spin");
        Directory.CreateDirectory(folder);
        File.Copy(AppsFixture.Guest("c-http/c-http.wasm"), Path.Combine(folder, "c-http.wasm"));
        File.Copy(AppsFixture.Guest("rust-proxy/rust-proxy.wasm"), Path.Combine(folder, "proxy.wasm"));
        await File.WriteAllTextAsync(
            Path.Combine(folder, "spin.toml"),
            App[..App.IndexOf("[component.proxy]", StringComparison.Ordinal)] + "[component.proxy]\nsource = \"proxy.wasm\"\nallowed_outbound_hosts = [\"http://inner.internal\"]\n",
            TestContext.Current.CancellationToken);
        apps.Write("inner", "name = \"inner\"\n[component.web]\nsource = \"c-http.wasm\"\n[[http]]\nroute = \"/inner/{**path}\"\n[[http]]\nprivate = true\nroute = \"/\"", "c-http/c-http.wasm");
        await apps.StartAsync();
        Assert.Empty(apps.Server.Problems);
        Assert.NotNull(apps.Server.Find("spin-app"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await apps.Client.GetAsync("/api/7/x/y", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(1, apps.Server.Find("spin-app")!.Stats.Requests);
        AppManifest manifest = apps.Server.Find("spin-app")!.Manifest;
        Assert.Equal("hello there", manifest.Components["web"].Capabilities["config"].Resources[0]["value"]);
    }

    [Theory]
    [InlineData("[[trigger.sqs]]\nqueue = \"x\"\ncomponent = \"web\"", "the trigger `sqs` is not supported")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\nsqlite_database = [\"default\"]", "the nearest is `sqlite_databases`")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\n[component.more.dependencies]\n\"a:b/c\" = { path = \"x\" }", "there is no file ")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\n[component.more.dependencies]\n\"a:b/c\" = \"1.0\"", "is to come from a registry")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\n[component.more.dependencies]\n\"a:b/c\" = { version = \"1.0\", package = \"a:d\" }", "is to come from a registry")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\n[component.more.dependencies]\n\"a:b/c\" = { url = \"https://example.com/x.wasm\", digest = \"sha256:00\" }", "components are not fetched at start: put what https://example.com/x.wasm gives into ")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\n[component.more.dependencies]\n\"a:b/c\" = { component = \"wep\" }", "there is no component `wep`; the nearest is `web`")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\n[component.more.dependencies]\n\"a:b/c\" = { component = \"web\", export = \"d\" }", "exports under another name than the import's are not supported")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\n[component.more.dependencies]\n\"a:b/c\" = { component = \"web\", inherit_configuration = [\"file\"] }", "`file` is nothing to inherit; the nearest is `files`")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\ndependencies_inherit_configuration = true\n[component.more.dependencies]\n\"a:b/c\" = { component = \"web\", inherit_configuration = false }", "do not go together")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\ndependencies.\"a:b/c\" = { component = \"last\" }\n[component.last]\nsource = \"c-http.wasm\"\ndependencies.\"a:b/d\" = { component = \"web\" }", "has dependencies itself")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\nallowed_outbound_hosts = [\"http://wep.spin.internal\"]", "there is no component `wep`; the nearest is `web`")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\nallowed_outbound_hosts = [\"http://more.spin.internal\"]", "the component `more` answers no requests: it has no [[trigger.http]]")]
    [InlineData("[[trigger.http]]\nroute = \"/x\"\nbase = \"/y\"\ncomponent = \"web\"", "write it into [application.trigger.http]")]
    [InlineData("[component.more]\nsource = \"c-http.wasm\"\nvariables = { a = \"{{ nope }}\" }", "there is no variable `nope`")]
    public void What_is_not_there_is_named(string addition, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("windhover-spin-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "c-http.wasm"), []);
            string text = App[..App.IndexOf("[component.proxy]", StringComparison.Ordinal)].Replace("component = \"proxy\"", "component = \"web\"", StringComparison.Ordinal) + addition;
            var error = Assert.Throws<ManifestException>(() => SpinReader.Read(Path.Combine(folder, "spin.toml"), text, new ManifestContext([new ConfigCapability()], new FileSecrets(null), Path.Combine(folder, "data"))));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.Matches(@"spin\.toml:\d+:\d+: ", error.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void What_an_app_can_do_without_is_listed()
    {
        string folder = Directory.CreateTempSubdirectory("windhover-spin-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "a.wasm"), []);
            AppManifest app = SpinReader.Read(
                Path.Combine(folder, "spin.toml"),
                "spin_manifest_version = 2\n[application]\nname = \"a\"\n[component.a]\nsource = \"a.wasm\"\nai_models = [\"llama2-chat\"]\nkey_value_stores = [\"default\"]",
                new ManifestContext([new ConfigCapability()], new FileSecrets(null), Path.Combine(folder, "data")));
            Assert.Collection(
                app.Unsupported,
                line => Assert.Contains("ai_models", line, StringComparison.Ordinal),
                line => Assert.Contains("no capability `key-value`", line, StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
