using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Capabilities;

namespace Windhover.Apps.Tests.Spin;

/// <summary>Whole apps as their authors wrote them for Spin (guests/c-spin/apps), without an edit, through the real server.</summary>
public sealed class SpinAppsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_value_app_keeps_what_it_was_given()
    {
        await using var apps = new AppsFixture();
        Copy(apps, "store", "c-spin/store.wasm");
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        Assert.Empty(apps.Server.Problems);
        Assert.Equal(HttpStatusCode.NotFound, (await apps.Client.GetAsync("/store/a", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await apps.Client.PostAsync("/store/a", new StringContent("eins"), Token)).StatusCode);
        Assert.Equal("eins", await apps.Client.GetStringAsync("/store/a", Token));
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/store/a"), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.DeleteAsync("/store/a", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await apps.Client.GetAsync("/store/a", Token)).StatusCode);
    }

    [Fact]
    public async Task A_store_that_the_manifest_does_not_name_is_refused()
    {
        await using var apps = new AppsFixture();
        Copy(apps, "store", "c-spin/store.wasm");
        string file = Path.Combine(apps.Folder, "store", "spin.toml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Token)).Replace("[\"default\"]", "[\"other\"]", StringComparison.Ordinal), Token);
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        Assert.False((await apps.Client.GetAsync("/store/a", Token)).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_sqlite_app_keeps_its_rows()
    {
        await using var apps = new AppsFixture();
        Copy(apps, "todo", "c-spin/todo.wasm");
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        Assert.Empty(apps.Server.Problems);
        Assert.Equal("", await apps.Client.GetStringAsync("/notes", Token));
        foreach (string note in new[] { "milk", "O'Hara; drop table notes" })
            Assert.Equal(HttpStatusCode.Created, (await apps.Client.PostAsync("/notes", new StringContent(note), Token)).StatusCode);
        Assert.Equal("milk\nO'Hara; drop table notes\n", await apps.Client.GetStringAsync("/notes", Token));
    }

    // The upstream's port is known only now: it comes as Spin's variables do, from the environment or a secret, not by an edit.
    [Fact]
    public async Task An_app_reaches_the_host_that_a_variable_names_and_no_other()
    {
        await using WebApplication upstream = await UpstreamAsync(), other = await UpstreamAsync();
        await using var apps = new AppsFixture();
        string folder = Copy(apps, "gateway", "rust-proxy/rust-proxy.wasm");
        Directory.CreateDirectory(Path.Combine(folder, "assets", "secret"));
        Directory.CreateDirectory(Path.Combine(folder, "pages"));
        await File.WriteAllTextAsync(Path.Combine(folder, "assets", "a.txt"), "a", Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "assets", "secret", "b.txt"), "b", Token);
        string secrets = Path.Combine(apps.Folder, ".windhover", "secrets", "gateway");
        Directory.CreateDirectory(secrets);
        await File.WriteAllTextAsync(Path.Combine(secrets, "upstream"), Authority(upstream), Token);
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        Assert.Empty(apps.Server.Problems);
        Assert.Equal("upstream", await apps.Client.GetStringAsync($"/{Authority(upstream)}/", Token));
        Assert.Equal(HttpStatusCode.BadGateway, (await apps.Client.GetAsync($"/{Authority(other)}/", Token)).StatusCode);
        Windhover.Apps.Manifest.ComponentManifest component = apps.Server.Find("gateway")!.Manifest.Components["outbound"];
        Assert.Equal("test", component.Environment.Single(e => e.Key == "MODE").Value);
        Assert.Equal("none", component.Capabilities["config"].Resources.Single()["value"]);
        Windhover.Apps.Manifest.DirectoryGrantManifest root = component.Directories.Single(d => d.Guest == "/");
        Assert.Equal(["assets/a.txt"], Directory.EnumerateFiles(root.Host, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(root.Host, f)));
        Assert.Contains(component.Directories, d => d.Guest == "/pages");
    }

    private static string Copy(AppsFixture apps, string name, string guest)
    {
        string folder = Path.Combine(apps.Folder, name);
        Directory.CreateDirectory(folder);
        File.Copy(AppsFixture.Guest($"c-spin/apps/{name}/spin.toml"), Path.Combine(folder, "spin.toml"));
        File.Copy(AppsFixture.Guest(guest), Path.Combine(folder, Path.GetFileName(guest)));
        return folder;
    }

    private static async Task<WebApplication> UpstreamAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        WebApplication app = builder.Build();
        app.MapGet("/", () => "upstream");
        await app.StartAsync();
        return app;
    }

    private static string Authority(WebApplication app) =>
        new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority;
}
