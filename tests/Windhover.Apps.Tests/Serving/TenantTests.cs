using System.Net;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Tests.Serving;

/// <summary>Tenants: totals over the apps of one, from <c>tenants.toml</c>.</summary>
public sealed class TenantTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Apps_of_a_tenant_share_its_totals_and_others_do_not()
    {
        await using AppsFixture apps = await StartAsync("[tenant.acme]\ninstances = 1\n[tenant.other]\n", watch: true);
        RunningApp other = apps.Server.Find("three")!;
        using var ended = new CancellationTokenSource();
        Task<HttpResponseMessage> sleeping = Ask(apps, "one", "/sleep/600000", ended.Token);
        while (apps.Server.Find("one")!.Meter.Used(Engine.BudgetKind.Instances) == 0)
        {
            Assert.False(sleeping.IsCompleted);
            await Task.Yield();
        }

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await Status(apps, "two"));
        Assert.Equal(HttpStatusCode.OK, await Status(apps, "three"));

        await File.WriteAllTextAsync(Path.Combine(apps.Folder, Tenants.FileName), "[tenant.acme]\ninstances = 5\n[tenant.other]\n", Token);
        await apps.LineAsync(l => l.App == "two" && l.Message.StartsWith("version ", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, await Status(apps, "two"));
        Assert.Same(other, apps.Server.Find("three"));
        await ended.CancelAsync();
        await sleeping.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_tenant_that_is_not_there_is_a_problem_of_its_app()
    {
        await using AppsFixture apps = await StartAsync("[tenant.acmee]\n[tenant.other]\n");
        Assert.Equal(2, apps.Server.Problems.Count);
        Assert.All(apps.Server.Problems, p => Assert.Matches(@"windhover\.toml:2:10: .*tenants\.toml has no \[tenant\.acme\]; the nearest is `acmee`$", p.Message));
        Assert.Equal(HttpStatusCode.OK, await Status(apps, "three"));
        Assert.NotNull(apps.Server.Find("three"));
        Assert.Null(apps.Server.Find("one"));
    }

    [Theory]
    [InlineData("[tenant.acme]\nmemroy = \"1GiB\"", "tenants.toml:2:1: there is no budget `memroy`; the nearest is `memory`")]
    [InlineData("[tenant.acme]\nmemory = \"1KiB\"", "tenants.toml:2:1: budget `memory`: `1KiB` is out of range; allowed: 64KiB to 64TiB")]
    [InlineData("[tenant.acme]\ncpu = \"1s\"", "tenants.toml:2:1: `cpu` is no total: a tenant has `memory`, `host-memory`, `instances`")]
    [InlineData("[tenants.acme]", "tenants.toml:1:2: tenants.toml has no key `tenants`; the nearest is `tenant`")]
    [InlineData("[tenant.ACME]", "tenants.toml:1:9: `ACME` is no name of a tenant")]
    public async Task While_the_file_is_wrong_no_app_runs_without_limits(string text, string problem)
    {
        await using AppsFixture apps = await StartAsync(text);
        Assert.Contains(problem, apps.Server.Problems[0].Message, StringComparison.Ordinal);
        Assert.Contains("the limits of the tenant `acme` are not known", apps.Server.Problems[1].Message, StringComparison.Ordinal);
        Assert.Empty(apps.Server.Apps);

        await File.WriteAllTextAsync(Path.Combine(apps.Folder, Tenants.FileName), "[tenant.acme]\n[tenant.other]\ninstances = 7", Token);
        await apps.Server.LoadAsync(Token);
        Assert.Equal(3, apps.Server.Apps.Count);
        await File.WriteAllTextAsync(Path.Combine(apps.Folder, Tenants.FileName), text, Token);
        await apps.Server.LoadAsync(Token);
        Assert.Single(apps.Server.Problems);
        Assert.Equal(7, apps.Server.Find("three")!.Meter.Parent!.Budget.Instances); // the former limits hold
    }

    [Fact]
    public async Task Without_the_file_a_tenant_is_counted_and_not_limited()
    {
        await using AppsFixture apps = await StartAsync(null);
        Assert.Empty(apps.Server.Problems);
        Assert.Same(apps.Server.Find("one")!.Meter.Parent, apps.Server.Find("two")!.Meter.Parent);
        await Status(apps, "one");
        await Status(apps, "two");
        Assert.Equal(2, apps.Server.Find("one")!.Meter.Parent!.Snapshot().Runs);
    }

    private static async Task<HttpStatusCode> Status(AppsFixture apps, string app) => (await Ask(apps, app, "/", Token)).StatusCode;

    private static async Task<HttpResponseMessage> Ask(AppsFixture apps, string app, string path, CancellationToken token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = $"{app}.test" } };
        return await apps.Client.SendAsync(request, token);
    }

    private static async Task<AppsFixture> StartAsync(string? tenants, bool watch = false)
    {
        var apps = new AppsFixture();
        if (tenants is not null)
            await File.WriteAllTextAsync(Path.Combine(apps.Folder, Tenants.FileName), tenants, Token);
        foreach ((string name, string tenant) in new[] { ("one", "acme"), ("two", "acme"), ("three", "other") })
        {
            apps.Write(
                name,
                $$"""
                name = "{{name}}"
                tenant = "{{tenant}}"
                [component.web]
                source = "c-http.wasm"
                [[http]]
                host = "{{name}}.test"
                route = "/{**path}"
                """,
                "c-http/c-http.wasm");
        }

        await apps.StartAsync(o => o.Watch = watch);
        return apps;
    }
}
