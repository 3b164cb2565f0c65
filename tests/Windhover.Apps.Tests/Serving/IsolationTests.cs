using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Capabilities;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Tests.Serving;

/// <summary><c>isolation</c> and <c>reuse</c> of manifests.</summary>
public sealed class IsolationTests
{
    private const string Shop = """
        name = "shop"
        isolation = "process"

        [config]
        greeting = "hello"

        [component.lonely]
        source = "c-store.wasm"
        env = { STAGE = "test", TOKEN = { secret = "TOKEN" } }
        config = ["greeting"]
        key-value = ["default"]

        [component.near]
        source = "c-store.wasm"
        isolation = "instance"
        key-value = ["default"]

        [[http]]
        host = "lonely.test"
        route = "/{**path}"
        component = "lonely"

        [[http]]
        host = "near.test"
        route = "/{**path}"
        component = "near"

        [[queue]]
        topic = "jobs"
        component = "lonely"
        path = "/set/queued/yes"
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_component_in_a_process_of_its_own_has_its_grants_there()
    {
        await using AppsFixture apps = await StartAsync();
        Assert.Equal("STAGE=test\nTOKEN=s3cret\n", await Ask(apps, "lonely.test", "/env"));
        Assert.Equal("hello", await Ask(apps, "lonely.test", "/config/greeting"));
        Assert.Equal("ok", await Ask(apps, "lonely.test", "/set/k/from-far"));
        Assert.Equal("from-far", await Ask(apps, "near.test", "/get/k")); // one store of the app, in both processes
        Assert.Equal("ok", await Ask(apps, "near.test", "/set/k/from-near"));
        Assert.Equal("from-near", await Ask(apps, "lonely.test", "/get/k"));
        Assert.NotEqual(Environment.ProcessId, Worker(apps));
        Assert.Null(apps.Server.Find("shop")!.Unit("near").Loaded!.Isolated);
    }

    [Fact]
    public async Task What_was_not_granted_is_not_there_either()
    {
        await using AppsFixture apps = await StartAsync(Shop.Replace("config = [\"greeting\"]\nkey-value = [\"default\"]", "", StringComparison.Ordinal));
        Assert.Equal("none", await Ask(apps, "lonely.test", "/config/greeting", HttpStatusCode.NotFound));
        Assert.Equal("error 1", await Ask(apps, "lonely.test", "/get/k", HttpStatusCode.ServiceUnavailable)); // access-denied
    }

    [Fact]
    public async Task Triggers_run_it_too()
    {
        await using AppsFixture apps = await StartAsync();
        IMessageTopic jobs = apps.Services.GetRequiredService<MessageTopics>().Open(new CapabilityResource("jobs", "memory", new Dictionary<string, string>()));
        await jobs.SendAsync(new Message(Encoding.UTF8.GetBytes("go")), Token);
        await jobs.SendAsync(new Message(Encoding.UTF8.GetBytes("go")), Token);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        for (; apps.Server.Find("shop")!.Stats.Runs < 2; limit.Token.ThrowIfCancellationRequested())
            await Task.Yield();
        Assert.Equal(0, apps.Server.Find("shop")!.Stats.FailedRuns);
        Assert.Equal("yes", await Ask(apps, "near.test", "/get/queued"));
    }

    [Fact]
    public async Task A_process_that_ends_is_started_again_and_one_whose_app_changed_ends()
    {
        await using AppsFixture apps = await StartAsync();
        Assert.Equal("hello", await Ask(apps, "lonely.test", "/config/greeting"));
        int first = Worker(apps);
        Process.GetProcessById(first).Kill();
        await apps.LineAsync(l => l.Message.Contains($"its process {first} ended with status 137", StringComparison.Ordinal));
        Assert.Equal("hello", await Ask(apps, "lonely.test", "/config/greeting"));

        using Process second = Process.GetProcessById(Worker(apps));
        apps.Write("shop", Shop.Replace("\"hello\"", "\"good day\"", StringComparison.Ordinal));
        await apps.Server.LoadAsync(Token);
        Assert.Equal("good day", await Ask(apps, "lonely.test", "/config/greeting"));
        await second.WaitForExitAsync(Token);
    }

    [Theory]
    [InlineData("isolation = \"process\"", "c-cli/c-cli.wasm", "4:13: a process of its own is for components that answer HTTP requests (that export `wasi:http`), and `web` does not")]
    [InlineData("reuse = { requests = 5 }", "c-http/c-http.wasm", "4:9: `reuse` is for services of WASI 0.3")]
    [InlineData("isolation = \"process\"\nmessaging = [\"orders\"]", "c-http/c-http.wasm", "4:13: the topic `orders` is in the memory of the server's process")]
    [InlineData("isolation = \"proces\"", "c-http/c-http.wasm", "4:13: `isolation` cannot be `proces`; the nearest is `process`")]
    [InlineData("reuse = { requests = 0 }", "c-http-p3/c-http-p3.wasm", "4:22: `requests` is not a whole number from 1 to 1000000000")]
    [InlineData("reuse = { concurrent = 100000 }", "c-http-p3/c-http-p3.wasm", "4:24: `concurrent` is not a whole number from 1 to 10000")]
    [InlineData("reuse = { idle = \"48h\" }", "c-http-p3/c-http-p3.wasm", "4:18: `idle` is not a time from 10ms to 24h")]
    [InlineData("reuse = { idel = \"5s\" }", "c-http-p3/c-http-p3.wasm", "4:11: `reuse` has no key `idel`; the nearest is `idle`")]
    public async Task What_cannot_be_is_a_problem_with_its_place_and_others_serve(string line, string guest, string problem)
    {
        await using var apps = new AppsFixture();
        apps.Write("wrong", $"name = \"wrong\"\n[component.web]\nsource = \"{Path.GetFileName(guest)}\"\n{line}", guest);
        apps.Write("right", "name = \"right\"\n[component.web]\nsource = \"c-http.wasm\"\n[[http]]\nroute = \"/{**path}\"", "c-http/c-http.wasm");
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        Assert.Contains($"wrong/windhover.toml:{problem}", Assert.Single(apps.Server.Problems).Message, StringComparison.Ordinal);
        Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/", Token));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("reuse = { requests = 2 }", 3)]
    [InlineData("reuse = { requests = 1 }", 6)]
    public async Task Requests_share_instances_as_the_manifest_says(string reuse, int instances)
    {
        await using var apps = new AppsFixture();
        apps.Write("svc", $"name = \"svc\"\n{reuse}\n[component.web]\nsource = \"c-http-p3.wasm\"\n[[http]]\nroute = \"/{{**path}}\"", "c-http-p3/c-http-p3.wasm");
        await apps.StartAsync();
        for (int i = 0; i < 6; i++)
            Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/", Token));
        Assert.Equal(instances, apps.Server.Find("svc")!.Meter.Sum(BudgetKind.Instances));
    }

    private static int Worker(AppsFixture apps) => apps.Server.Find("shop")!.Unit("lonely").Loaded!.Isolated!.ProcessId!.Value;

    private static async Task<string> Ask(AppsFixture apps, string host, string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = host } };
        using HttpResponseMessage answer = await apps.Client.SendAsync(request, Token);
        string text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode}: {text}");
        return text;
    }

    private static async Task<AppsFixture> StartAsync(string manifest = Shop)
    {
        var apps = new AppsFixture();
        apps.Write("shop", manifest, "c-store/c-store.wasm");
        Directory.CreateDirectory(Path.Combine(apps.Folder, ".windhover", "secrets"));
        await File.WriteAllTextAsync(Path.Combine(apps.Folder, ".windhover", "secrets", "TOKEN"), "s3cret\n", Token);
        await apps.StartAsync(services: services => services.AddWindhoverCapabilities());
        return apps;
    }
}
