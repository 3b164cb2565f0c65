using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Windhover.Apps.Runtime;
using Windhover.Apps.Services;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;

namespace Windhover.Apps.Tests.Serving;

/// <summary>Apps that idle are put to sleep, and nobody is the wiser.</summary>
public sealed class SleepTests
{
    private const string Hello = "Hello from C\n";
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_app_sleeps_when_it_was_idle_for_its_time_and_answers_again()
    {
        var clock = new FakeTimeProvider();
        await using AppsFixture apps = await StartAsync(clock, o => o.SleepAfter = 4 * s_minute);
        RunningApp app = apps.Server.Find("hello")!;
        Assert.False(app.IsLoaded);
        Assert.Equal((200, Hello), await AskAsync(apps));
        await PassAsync(apps, clock, 4, expected: 0); // the first look begins to count
        Assert.True(app.IsLoaded);
        Assert.Equal((200, Hello), await AskAsync(apps));
        await PassAsync(apps, clock, 4, expected: 0);
        await PassAsync(apps, clock, 1, expected: 1);
        Assert.False(app.IsLoaded);
        Assert.Contains("\"state\":\"idle\"", await apps.Client.GetStringAsync("/_windhover/api/apps"), StringComparison.Ordinal);
        await PassAsync(apps, clock, 20, expected: 0);
        Assert.Equal((200, Hello), await AskAsync(apps));
        Assert.True(app.IsLoaded);
        Assert.Equal(3, app.Stats.Requests);
        await PassAsync(apps, clock, 20, expected: 1);
    }

    [Theory]
    [InlineData(0, null, 1)] // more apps than are preloaded: five minutes
    [InlineData(100, null, 0)]
    [InlineData(0, -1, 0)] // never
    public async Task What_was_not_said_follows_from_the_number_of_apps(int preloadUpTo, int? sleepAfter, int asleep)
    {
        var clock = new FakeTimeProvider();
        await using AppsFixture apps = await StartAsync(clock, o =>
        {
            o.PreloadUpTo = preloadUpTo;
            o.SleepAfter = sleepAfter is { } ms ? TimeSpan.FromMilliseconds(ms) : null;
        });
        Assert.Equal((200, Hello), await AskAsync(apps));
        int all = 0;
        for (int i = 0; i < 10; i++)
        {
            clock.Advance(s_minute);
            all += await apps.Server.Sleeper.LastLook;
        }

        Assert.Equal(asleep, all);
        Assert.Equal(asleep == 0, apps.Server.Find("hello")!.IsLoaded);
    }

    [Fact]
    public void Times_that_no_timer_knows_are_refused()
    {
        var options = new AppsOptions { SleepAfter = Timeout.InfiniteTimeSpan };
        Assert.Throws<ArgumentOutOfRangeException>(() => options.SleepAfter = TimeSpan.Zero);
        Assert.Throws<ArgumentOutOfRangeException>(() => options.SleepAfter = TimeSpan.FromSeconds(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => options.SleepAfter = TimeSpan.FromDays(50));
        Assert.Equal(Timeout.InfiniteTimeSpan, options.SleepAfter);
    }

    [Fact]
    public async Task An_app_with_a_request_under_way_stays_awake()
    {
        var clock = new FakeTimeProvider();
        await using AppsFixture apps = await StartAsync(clock, o => o.SleepAfter = 4 * s_minute);
        RunningApp app = apps.Server.Find("tool")!;
        var body = new Pipe();
        Task<(int, string)> request = AskAsync(apps, "tool", body.Reader);
        while (app.Stats.Running == 0)
            await Task.Yield(); // until it is inside
        await app.Unit("cli").LoadAsync();
        await PassAsync(apps, clock, 20, expected: 0);
        Assert.False(await app.TrySleepAsync());
        Assert.True(app.IsLoaded);
        await body.Writer.WriteAsync("still there"u8.ToArray(), Token);
        await body.Writer.CompleteAsync();
        Assert.Equal((200, "still there"), await request);
        Assert.True(await app.TrySleepAsync());
        Assert.False(app.IsLoaded);
    }

    [Fact]
    public async Task Requests_that_come_while_an_app_falls_asleep_are_answered()
    {
        await using AppsFixture apps = await StartAsync();
        RunningApp hello = apps.Server.Find("hello")!, tool = apps.Server.Find("tool")!;
        int asleep = 0, requests = 0;
        var wrong = new ConcurrentBag<(int, string)>();
        using var done = new CancellationTokenSource();
        Task[] clients =
        [
            .. Enumerable.Range(0, 6).Select(i => Task.Run(
                async () =>
                {
                    while (!done.IsCancellationRequested)
                    {
                        string expected = i % 2 == 0 ? Hello : "echo";
                        (int, string) answer = await AskAsync(apps, i % 2 == 0 ? "hello" : "tool", i % 2 == 0 ? null : PipeReader.Create(new(Encoding.UTF8.GetBytes(expected))));
                        if (answer != (200, expected))
                            wrong.Add(answer);
                        Interlocked.Increment(ref requests);

                        // Else there is hardly a moment in which nobody is inside.
                        for (int pause = Random.Shared.Next(20); pause > 0; pause--)
                            await Task.Yield();
                    }
                },
                Token)),
        ];
        for (int i = 0; i < 5000 || (asleep < 100 && wrong.IsEmpty); i++)
        {
            if (await (i % 2 == 0 ? hello : tool).TrySleepAsync())
                asleep++;
            await Task.Yield();
        }

        await done.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Empty(wrong);
        Assert.Equal(requests, hello.Stats.Requests + tool.Stats.Requests);
        Assert.Equal(0, hello.Stats.Failures + tool.Stats.Failures);
    }

    [Fact]
    public async Task A_version_that_is_replaced_while_it_falls_asleep_is_over()
    {
        await using AppsFixture apps = await StartAsync();
        RunningApp served = apps.Server.Find("hello")!;
        for (int i = 0; i < 300; i++)
        {
            var app = new RunningApp(served.Manifest, i, served.Stats, null, apps.Server.Services);
            if (i % 10 == 0)
                await app.Unit("web").LoadAsync();
            using var together = new Barrier(3);
            Task<bool> sleep = Task.Run(
                async () =>
                {
                    together.SignalAndWait(Token);
                    return await app.TrySleepAsync();
                },
                Token);
            Task request = Task.Run(
                () =>
                {
                    together.SignalAndWait(Token);
                    if (app.TryEnter())
                        app.Leave();
                },
                Token);
            together.SignalAndWait(Token);
            Assert.True(await app.RetireAsync(TimeSpan.FromMinutes(1), TimeProvider.System));
            await Task.WhenAll(sleep, request);
            Assert.False(app.TryEnter());
            Assert.False(await app.TrySleepAsync());
        }
    }

    [Fact]
    public async Task Cron_and_queues_wake_an_app()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 7, 1, 10, 30, 0, TimeSpan.Zero));
        await using var apps = new AppsFixture();
        apps.Write(
            "worker",
            """
            name = "worker"
            [component.cli]
            source = "c-cli.wasm"
            [[cron]]
            schedule = "0 * * * *"
            args = ["env"]
            [[queue]]
            topic = "jobs"
            args = ["cat"]
            """,
            "c-cli/c-cli.wasm");
        await apps.StartAsync(o => o.PreloadUpTo = 0, s => s.AddSingleton<TimeProvider>(clock));
        RunningApp app = apps.Server.Find("worker")!;
        IMessageTopic topic = apps.Services.GetRequiredService<MessageTopics>().Open(new CapabilityResource("jobs", "memory", new Dictionary<string, string>()));
        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromHours(1));
            await apps.LineAsync(l => l.Message == $"WINDHOVER_CRON_DUE=2026-07-01T{11 + i}:00:00Z");
            await SleepAsync(app);
            await topic.SendAsync(new Message(Encoding.UTF8.GetBytes($"job {i}")), Token);
            await apps.LineAsync(l => l.Message == $"job {i}");
            await SleepAsync(app);
        }

        Assert.Equal(6, app.Stats.Runs);
        Assert.Equal(0, app.Stats.FailedRuns);
    }

    [Fact]
    public async Task What_an_app_used_is_counted_on_across_its_sleep()
    {
        await using AppsFixture apps = await StartAsync();
        RunningApp app = apps.Server.Find("hello")!;
        for (int i = 0; i < 3; i++)
            await AskAsync(apps);
        BudgetMeter meter = app.Unit("web").Meter;
        Assert.Contains(meter, BudgetMetrics.Meters);
        (long, long, long) before = Used();
        Assert.Equal(3, before.Item2);
        Assert.True(await app.TrySleepAsync());
        Assert.Equal(before, Used());
        Assert.DoesNotContain(meter, BudgetMetrics.Meters);
        await AskAsync(apps);
        Assert.Contains(meter, BudgetMetrics.Meters);
        Assert.Equal((4, 4, before.Item3 / 3 * 4), Used());
        Assert.Equal(0, app.Meter.Used(BudgetKind.Requests) + app.Meter.Used(BudgetKind.Memory) + app.Meter.Used(BudgetKind.HostMemory));

        (long, long, long) Used() => (app.Meter.Snapshot().Runs, meter.Snapshot().Runs, meter.Snapshot().BytesOut);
    }

    [Fact]
    public async Task Instances_that_are_kept_for_the_next_request_keep_their_app_awake()
    {
        var clock = new FakeTimeProvider();
        await using var apps = new AppsFixture();
        apps.Write(
            "service",
            """
            name = "service"
            [component.web]
            source = "c-http-p3.wasm"
            reuse = { idle = "1h" }
            [[http]]
            route = "/{**path}"
            """,
            "c-http-p3/c-http-p3.wasm");
        await apps.StartAsync(o => (o.PreloadUpTo, o.SleepAfter) = (0, 4 * s_minute), s => s.AddSingleton<TimeProvider>(clock));
        (int, string) first = await AskAsync(apps, "service");
        Assert.Equal(200, first.Item1);
        await PassAsync(apps, clock, 59, expected: 0);
        await PassAsync(apps, clock, 70, expected: 1); // the instance goes when it is looked at an hour later
        Assert.Equal(first, await AskAsync(apps, "service"));
    }

    [Fact]
    public async Task A_process_of_its_own_is_not_put_to_sleep()
    {
        await using var apps = new AppsFixture();
        apps.Write(
            "far",
            """
            name = "far"
            [component.web]
            source = "c-http.wasm"
            isolation = "process"
            [[http]]
            route = "/"
            """,
            "c-http/c-http.wasm");
        await apps.StartAsync(o => o.PreloadUpTo = 0);
        RunningApp app = apps.Server.Find("far")!;
        Assert.Equal(Hello, await apps.Client.GetStringAsync("/", Token));
        LoadedComponent? loaded = app.Unit("web").Loaded;
        Assert.False(await app.TrySleepAsync());
        Assert.Same(loaded, app.Unit("web").Loaded);
        Assert.Equal(Hello, await apps.Client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task What_could_not_be_loaded_is_tried_again_after_a_sleep()
    {
        await using AppsFixture apps = await StartAsync();
        string file = Path.Combine(apps.Folder, "hello", "c-http.wasm");
        File.Move(file, file + ".away");
        Assert.Equal(500, (await AskAsync(apps)).Status);
        File.Move(file + ".away", file);
        Assert.Equal(500, (await AskAsync(apps)).Status);
        RunningApp app = apps.Server.Find("hello")!;
        Assert.True(app.IsAwake);
        await app.TrySleepAsync();
        Assert.False(app.IsAwake);
        Assert.Equal((200, Hello), await AskAsync(apps));
    }

    private static async Task<AppsFixture> StartAsync(FakeTimeProvider? clock = null, Action<AppsOptions>? configure = null)
    {
        var apps = new AppsFixture();
        apps.Write(
            "hello",
            """
            name = "hello"
            [component.web]
            source = "c-http.wasm"
            [[http]]
            route = "/{**path}"
            """,
            "c-http/c-http.wasm");
        apps.Write(
            "tool",
            """
            name = "tool"
            [component.cli]
            source = "c-cli.wasm"
            [[http]]
            route = "/cat"
            args = ["cat"]
            """,
            "c-cli/c-cli.wasm");
        await apps.StartAsync(
            o =>
            {
                o.PreloadUpTo = 0;
                configure?.Invoke(o);
            },
            s => s.AddSingleton<TimeProvider>(clock ?? TimeProvider.System));
        return apps;
    }

    /// <summary>A request without a socket: when its task is done, it has left the app.</summary>
    private static async Task<(int Status, string Body)> AskAsync(AppsFixture apps, string app = "hello", PipeReader? body = null)
    {
        string path = app == "tool" ? "/cat" : "/";
        var exchange = new InProcessExchange(body is null ? "GET" : "POST", path, "", path, app + ".internal", body, Token);
        Task finished = exchange.FinishAsync(apps.Server.CallAsync(exchange.Context, app, null, null, alone: true));
        await exchange.Started.WaitAsync(Token);
        using var reader = new StreamReader(exchange.Content.AsStream());
        string text = await reader.ReadToEndAsync(Token);
        await finished;
        return (exchange.StatusCode, text);
    }

    /// <summary>Lets minutes pass, a look in each.</summary>
    private static async Task PassAsync(AppsFixture apps, FakeTimeProvider clock, int minutes, int expected)
    {
        int asleep = 0;
        for (int i = 0; i < minutes; i++)
        {
            clock.Advance(s_minute);
            asleep += await apps.Server.Sleeper.LastLook;
        }

        Assert.Equal(expected, asleep);
    }

    /// <summary>Whoever wrote the last line of a log may not have left yet.</summary>
    private static async Task SleepAsync(RunningApp app)
    {
        while (!await app.TrySleepAsync())
            await Task.Yield();
        Assert.False(app.IsLoaded);
    }
}
