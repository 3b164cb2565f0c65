using System.Net;
using Windhover.Capabilities;

namespace Windhover.Apps.Tests.Serving;

/// <summary>An app whose manifest cannot be served says where and why; its neighbour serves, and it serves too once it is put right.</summary>
public sealed class WrongAppsTests
{
    private const string Good = "name = \"good\"\n[component.web]\nsource = \"c-http.wasm\"\n[[http]]\nroute = \"/{**path}\"";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_that_is_absent_is_named_until_it_is_there()
    {
        await using AppsFixture apps = await StartAsync(
            "name = \"wrong\"\n[component.web]\nsource = \"c-http.wasm\"\nenv = { T = { secret = \"api-key\" } }\n[[http]]\nroute = \"/wrong\"");
        await AssertProblemAsync(apps, "wrong/windhover.toml:4:", "the secret api-key is absent", "wrong/api-key");
        string folder = Path.Combine(apps.Folder, ".windhover", "secrets", "wrong");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "api-key"), "hush\n", Token);
        await apps.Server.LoadAsync(Token);
        Assert.Empty(apps.Server.Problems);
        Assert.DoesNotContain("hush", await apps.Client.GetStringAsync("/_windhover/api/apps", Token), StringComparison.Ordinal);
        Assert.Equal("hush", apps.Server.Find("wrong")!.Manifest.Components["web"].Environment[0].Value);
    }

    [Theory]
    [InlineData("0 0 30 2 *", "the schedule `0 0 30 2 *` never comes")]
    [InlineData("0 0 31 4,6,9,11 *", "never comes")]
    [InlineData("61 * * * *", "`61 * * * *` is no schedule")]
    public async Task A_cron_that_never_fires_is_named(string schedule, string why)
    {
        await using AppsFixture apps = await StartAsync($"name = \"wrong\"\n[component.web]\nsource = \"c-http.wasm\"\n[[cron]]\nschedule = \"{schedule}\"");
        await AssertProblemAsync(apps, "wrong/windhover.toml:5:12", why);
    }

    [Theory]
    [InlineData("surce = \"c-http.wasm\"", ":2:", "has no `source`")]
    [InlineData("source = \"c-htp.wasm\"", ":3:10", "there is no file c-htp.wasm; the nearest is `c-http.wasm`")]
    [InlineData("source = \"c-http.wasm\"\n[[http]]\nroute = \"/{**path}\"", ":", "is taken by the app `good`")]
    [InlineData("source = \"c-http.wasm\"\n[[queue]]\ntopic = \"t\"\ndead-letters = \"t\"", ":6:16", "cannot go to the same topic")]
    [InlineData("source = \"c-http.wasm\"\n[[watch]]\nstore = \"notes\"", ":5:9", "declare it, [key-value.notes], or grant it to a component")]
    [InlineData("source = \"c-http.wasm\"\nkey-value = [\"notes\"]\n[[watch]]\nstore = \"note\"", ":6:9", "there is no key-value store `note`; the nearest is `notes`")]
    [InlineData("source = \"c-http.wasm\"\nkey-value = [\"notes\"]\n[[watch]]\nstore = \"notes\"", ":5:", "`web` cannot be told of changes: it exports none of `wasi:keyvalue/watcher@0.2.0-draft`")]
    [InlineData("source = \"c-http.wasm\"\nkey-value = [\"notes\"]\n[[watch]]\nstore = \"notes\"\nkeys = \"a*b\"", ":7:8", "`keys` is not a key, or the beginning of keys with a `*` after it")]
    [InlineData("source = \"c-http.wasm\"\nkey-value = [\"notes\"]\n[[watch]]\nstore = \"notes\"\nqueue-memory = \"much\"", ":7:16", "`queue-memory` is not a size")]
    [InlineData("source = \"c-http.wasm\"\nkey-value = [\"notes\"]\n[[watch]]\nstore = \"notes\"\nkey = \"a\"", ":7:1", "keys")]
    [InlineData("source = \"c-http.wasm\"\nkey-value = [\"notes\"]\n[[watch]]\nstore = \"notes\"\n[[watch]]\nstore = \"notes\"", ":7:", "`web` watches the keys `*` of `notes` twice")]
    [InlineData("source = \"c-http.wasm\"\nkey-value = [\"notes\"]\nisolation = \"process\"\n[[watch]]\nstore = \"notes\"", ":7:9", "what `web` changes in `notes` cannot be told")]
    public async Task A_mistake_is_named_with_its_place(string component, string place, string why)
    {
        await using AppsFixture apps = await StartAsync("name = \"wrong\"\n[component.web]\n" + component);
        await AssertProblemAsync(apps, "wrong/windhover.toml" + place, why);
    }

    private static async Task<AppsFixture> StartAsync(string wrong)
    {
        var apps = new AppsFixture();
        apps.Write("good", Good, "c-http/c-http.wasm");
        apps.Write("wrong", wrong, "c-http/c-http.wasm");
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        return apps;
    }

    private static async Task AssertProblemAsync(AppsFixture apps, params string[] parts)
    {
        string problem = Assert.Single(apps.Server.Problems).Message;
        Assert.All(parts, part => Assert.Contains(part, problem, StringComparison.Ordinal));
        Assert.Null(apps.Server.Find("wrong"));
        Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/", Token));
        using HttpResponseMessage ready = await apps.Client.GetAsync("/readyz", Token);
        Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        Assert.Contains("wrong/windhover.toml", await ready.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Single(apps.Logs.Read(null), l => l.Message == problem);
    }
}
