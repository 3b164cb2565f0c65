using Windhover.Apps.Manifest;
using Windhover.Apps.Toml;
using Windhover.Hosting.Capabilities.Config;

namespace Windhover.Apps.Tests.Manifest;

public sealed class ManifestTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("windhover-manifest-").FullName;

    public ManifestTests() => File.WriteAllBytes(Path.Combine(_folder, "a.wasm"), []);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void All_of_a_manifest_is_read()
    {
        AppManifest app = Read(
            """
            name = "shop"
            description = "Sells things."
            tenant = "acme"
            budget = { memory = "128MiB" }

            [config]
            greeting = "hello"

            [component.front]
            source = "a.wasm"
            env = { STAGE = "test" }
            allow-hosts = ["https://api.example.com", "http://stock.internal"]
            config = ["greeting"]
            budget = { wall = "5s" }

            [[http]]
            host = "shop.example.com"
            route = "/{**path}"

            [[cron]]
            name = "nightly"
            schedule = "30 2 * * *"
            time-zone = "Europe/Berlin"
            missed = "once"

            [[queue]]
            topic = "orders"
            batch = 10
            concurrency = 4
            attempts = 7
            backoff = "250ms"
            """);
        Assert.Equal(("shop", "acme"), (app.Name, app.Tenant));
        ComponentManifest front = app.Components["front"];
        Assert.Equal((128L << 20, TimeSpan.FromSeconds(5)), (front.Budget.Memory, front.Budget.Wall));
        Assert.Equal("hello", front.Capabilities["config"].Resources[0]["value"]);
        Assert.Equal("shop.example.com/{**path}", app.Http[0].Route.ToString());
        Assert.Equal((MissedRuns.Once, "Europe/Berlin"), (app.Cron[0].Missed, app.Cron[0].Zone.Id));
        Assert.Equal((10, 4, 7, TimeSpan.FromMilliseconds(250)), (app.Queues[0].Batch, app.Queues[0].Concurrency, app.Queues[0].Attempts, app.Queues[0].Backoff));
    }

    [Theory]
    [InlineData("nam = \"x\"", "1:1: the manifest has no `name`")]
    [InlineData("name = \"X\"", "1:8: `X` is no name of an app")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\nevn = {}", "4:1: component `a` has no key `evn`; the nearest is `env`")]
    [InlineData("name = \"x\"\nrout = 1\n[component.a]\nsource = \"a.wasm\"", "2:1: the manifest has no key `rout`")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"b.wasm\"", "3:10: there is no file b.wasm; the nearest is `a.wasm`")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\nbudget = { memroy = \"1MiB\" }", "4:12: there is no budget `memroy`; the nearest is `memory`")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\nbudget = { memory = \"64MX\" }", "4:12: budget `memory`: `64MX` is not")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\n[[queue]]\ntopic = \"t\"\nbackoff = \"5\"", "6:11: `backoff` is not a time with a unit")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\n[[http]]\nroute = \"/{a}\"\n[[http]]\nroute = \"/{b}\"", "6:1: the route `/{b}` matches the same requests as `/{a}` at line 4")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\n[[http]]\nroute = \"/\"\ncomponent = \"b\"", "6:13: there is no component `b`; the nearest is `a`")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\n[[cron]]\nschedule = \"0 0 30 2 *\"", "5:12: the schedule `0 0 30 2 *` never comes")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\n[[cron]]\nschedule = \"daily\"", "5:12: `daily` is no schedule")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\n[[cron]]\nschedule = \"* * * * *\"\ntime-zone = \"Europe/Belin\"", "6:13: there is no time zone `Europe/Belin`; the nearest is `Europe/Berlin`")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\nenv = { T = { secret = \"NO_SUCH\" } }", "4:24: the secret NO_SUCH is absent; put it into the folder of secrets as x/NO_SUCH")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\ndigest = \"sha256:12\"", "4:10: `digest` is not of the form")]
    [InlineData("name = \"x\"\n[component.a]\nsource = \"a.wasm\"\nallow-hosts = [\"ftp://x\"]", "4:16: The HTTP rule 'ftp://x' cannot be read")]
    [InlineData("name = \"x\"\ntenant = \"A\"\n[component.a]\nsource = \"a.wasm\"", "2:10: `A` is no name of a tenant")]
    [InlineData("name = \"x\"\nname = \"y\"", "2:1:")]
    [InlineData("name = ", "1:")]
    [InlineData("name = \"x\"", "1:1: the app has no component")]
    public void What_is_wrong_is_told_with_its_place(string text, string expected)
    {
        var error = Assert.Throws<ManifestException>(() => Read(text));
        Assert.StartsWith(Path.Combine(_folder, "windhover.toml") + ":", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_nesting_is_refused_and_does_not_overflow_the_stack() =>
        Assert.Contains("nested", Assert.Throws<ManifestException>(() => Read("a = " + new string('[', 100_000))).Message, StringComparison.Ordinal);

    private AppManifest Read(string text) => ManifestReader.Read(
        Path.Combine(_folder, "windhover.toml"), text, new ManifestContext([new ConfigCapability()], new FileSecrets(null), Path.Combine(_folder, "data")));
}
