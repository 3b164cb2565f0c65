using System.Net;
using Windhover.Apps.Manifest;
using Windhover.Apps.Spin;
using Windhover.Hosting.Capabilities.Config;

namespace Windhover.Apps.Tests.Spin;

/// <summary><c>[component.NAME.dependencies]</c> of spin.toml.</summary>
public sealed class SpinDependencyTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // The gate imports the interface that it exports: it hands on to the one behind it what has the token.
    [Theory]
    [InlineData("\"wasi:http/handler@0.3.0\" = { path = \"c-http-p3.wasm\" }")]
    [InlineData("\"wasi:http/handler\" = { path = \"c-http-p3.wasm\", inherit_configuration = true }")]
    [InlineData("\"wasi:http/handler@0.3.0\" = { component = \"web\", export = \"wasi:http/handler@0.3.0\" }")]
    public async Task A_dependency_is_put_together_with_who_asks(string dependency)
    {
        await using var apps = new AppsFixture();
        Write(apps, dependency);
        await apps.StartAsync();
        Assert.Empty(apps.Server.Problems);
        Assert.Equal(HttpStatusCode.Unauthorized, (await apps.Client.GetAsync("/", Token)).StatusCode);
        apps.Client.DefaultRequestHeaders.Add("x-token", "windhover");
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.GetAsync("/", Token)).StatusCode);
    }

    [Fact]
    public async Task A_dependency_that_does_not_fit_is_named()
    {
        await using var apps = new AppsFixture();
        Write(apps, "\"acme:stock\" = { component = \"web\" }");
        await apps.StartAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, (await apps.Client.GetAsync("/", Token)).StatusCode);
        Assert.Contains(apps.Logs.Read(null), l => l.Message.Contains("has no import `acme:stock`", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "", false, false, false)]
    [InlineData("", ", inherit_configuration = true", true, true, true)]
    [InlineData("", ", inherit_configuration = [\"environment\"]", true, false, false)]
    [InlineData("", ", inherit_configuration = [\"variables\", \"allowed_outbound_hosts\"]", false, true, true)]
    [InlineData("dependencies_inherit_configuration = true", "", true, true, true)]
    public void It_has_the_grants_that_it_inherits(string flag, string inherit, bool environment, bool hosts, bool variables)
    {
        AppManifest app = Read($$"""
            [component.front]
            source = "a.wasm"
            allowed_outbound_hosts = ["https://example.com"]
            environment = { A = "front" }
            variables = { v = "1" }
            {{flag}}
            [component.front.dependencies]
            "acme:stock/api" = { path = "b.wasm"{{inherit}} }
            "acme:stock/more" = { component = "other"{{inherit}} }
            [component.other]
            source = "b.wasm"
            environment = { A = "other" }
            """);
        Assert.Equal(["front", "other", "front+b"], app.Components.Keys);
        Assert.Equal([("acme:stock/api", "front+b"), ("acme:stock/more", "front+b")], app.Components["front"].Imports.Select(i => (i.Interface!, i.Component)));
        ComponentManifest dependency = app.Components["front+b"];
        Assert.Equal(environment ? ["front"] : [], dependency.Environment.Select(e => e.Value));
        Assert.Equal(hosts ? ["https://example.com"] : [], dependency.AllowedHosts);
        Assert.Equal(variables, dependency.Capabilities.ContainsKey("config"));
    }

    private static AppManifest Read(string text)
    {
        string folder = Directory.CreateTempSubdirectory("windhover-spin-").FullName;
        try
        {
            File.WriteAllBytes(Path.Combine(folder, "a.wasm"), []);
            File.WriteAllBytes(Path.Combine(folder, "b.wasm"), []);
            return SpinReader.Read(
                Path.Combine(folder, "spin.toml"),
                "spin_manifest_version = 2\n[application]\nname = \"a\"\n" + text,
                new ManifestContext([new ConfigCapability()], new FileSecrets(null), Path.Combine(folder, "data")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Write(AppsFixture apps, string dependency)
    {
        string folder = Path.Combine(apps.Folder, "gated");
        Directory.CreateDirectory(folder);
        foreach (string guest in new[] { "c-http-p3/c-http-p3.wasm", "c-gate-p3/c-gate-p3.wasm" })
            File.Copy(AppsFixture.Guest(guest), Path.Combine(folder, Path.GetFileName(guest)));
        File.WriteAllText(Path.Combine(folder, "spin.toml"), $"""
            spin_manifest_version = 2
            [application]
            name = "gated"
            [[trigger.http]]
            route = "/..."
            component = "gate"
            [component.gate]
            source = "c-gate-p3.wasm"
            [component.gate.dependencies]
            {dependency}
            [component.web]
            source = "c-http-p3.wasm"
            """);
    }
}
