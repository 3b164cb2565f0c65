using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;
using Windhover.Capabilities.Redis;
using Windhover.Capabilities.Tests.Servers;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Tests.Serving;

/// <summary>A Redis that is down when the server starts, comes up, goes away and comes back: who needs it says so, the others serve.</summary>
public sealed class BackendAwayTests : IDisposable
{
    private readonly RedisServer _redis = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_store_that_is_away_fails_its_calls_and_nothing_else()
    {
        _redis.Kill();
        await using AppsFixture apps = await StartAsync(
            $"""
            name = "kv"
            [component.store]
            source = "c-keyvalue.wasm"
            key-value = ["far"]
            [key-value.far]
            backend = "redis"
            url = "{_redis.Url}"
            [[http]]
            route = "/kv/{"{**function}"}"
            """,
            "c-keyvalue/c-keyvalue.wasm");
        Assert.Empty(apps.Server.Problems);
        for (int round = 0; round < 2; round++)
        {
            Assert.Contains("other: the backend", await AskAsync(apps), StringComparison.Ordinal);
            Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/", Token));
            await ReadyUntilAsync(apps, text => text.Contains("kv: ", StringComparison.Ordinal) && text.Contains("far", StringComparison.Ordinal));
            _redis.Start();
            await UntilAsync(async () => (await AskAsync(apps)).Contains("value 1", StringComparison.Ordinal));
            await ReadyUntilAsync(apps, text => text.Contains("\"problems\":[]", StringComparison.Ordinal));
            _redis.Kill();
        }
    }

    [Fact]
    public async Task A_queue_whose_backend_goes_away_says_so_once_and_goes_on_when_it_is_back()
    {
        _redis.Kill();
        await using AppsFixture apps = await StartAsync(
            $"""
            name = "worker"
            [component.cli]
            source = "c-cli.wasm"
            [messaging.jobs]
            backend = "redis"
            url = "{_redis.Url}"
            [[queue]]
            topic = "jobs"
            args = ["cat"]
            """,
            "c-cli/c-cli.wasm");
        IMessageTopic topic = apps.Services.GetRequiredService<MessageTopics>().Open(
            new CapabilityResource("jobs", "redis", new Dictionary<string, string> { ["url"] = _redis.Url }));
        for (int round = 1; round <= 2; round++)
        {
            int expected = round;
            await apps.LineAsync(_ => Told(apps, LogLevel.Error).Length == expected);
            Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/", Token));
            await ReadyUntilAsync(apps, text => text.Contains("topic jobs: ", StringComparison.Ordinal));
            _redis.Start();
            await UntilAsync(() => SendAsync(topic, $"job {expected}"));
            await apps.LineAsync(l => l.Source == "stdout" && l.Message == $"job {expected}");
            await apps.LineAsync(_ => Told(apps, LogLevel.Information).Length == expected);
            Assert.Equal(round, Told(apps, LogLevel.Error).Length);
            if (round == 1)
                _redis.Kill();
        }
    }

    public void Dispose() => _redis.Dispose();

    private static LogLine[] Told(AppsFixture apps, LogLevel level) =>
        [.. apps.Logs.Read("worker").Where(l => l.Level == level && l.Message.StartsWith("queue `jobs`: ", StringComparison.Ordinal))];

    private static async Task<AppsFixture> StartAsync(string manifest, string guest)
    {
        var apps = new AppsFixture();
        apps.Write("other", "name = \"other\"\n[component.web]\nsource = \"c-http.wasm\"\n[[http]]\nroute = \"/\"", "c-http/c-http.wasm");
        apps.Write("app", manifest, guest);
        await apps.StartAsync(services: services => services.AddWindhoverRedis());
        return apps;
    }

    private static async Task<string> AskAsync(AppsFixture apps)
    {
        using HttpResponseMessage answer = await apps.Client.PostAsync(
            "/kv/run", new StringContent("""{"script": "draft open far\ndraft set k 1\ndraft get k"}""", Encoding.UTF8, "application/json"), Token);
        return await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token);
    }

    private static Task ReadyUntilAsync(AppsFixture apps, Predicate<string> wanted) => UntilAsync(async () =>
    {
        using HttpResponseMessage ready = await apps.Client.GetAsync("/readyz", Token);
        string text = await ready.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token);
        return wanted(text);
    });

    private static async Task<bool> SendAsync(IMessageTopic topic, string text)
    {
        try
        {
            await topic.SendAsync(new Message(Encoding.UTF8.GetBytes(text)), Token);
            return true;
        }
        catch (CapabilityException)
        {
            return false; // Redis is up, and not yet found again.
        }
    }

    // What is asked is the server itself: each answer costs a request, and the test's own timeout bounds them.
    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var late = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isSo())
            late.Token.ThrowIfCancellationRequested();
    }
}
