using System.Diagnostics;
using System.Text;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Windhover.Apps.Runtime;
using Windhover.Capabilities.Redis;
using Windhover.Capabilities.Tests.Servers;

namespace Windhover.Apps.Tests.Triggers;

/// <summary>Components are told of what changes in a key-value store, by real guests under each name, over SQLite and a real Redis.</summary>
public sealed class StoreWatchTests(NotifyingRedis shared) : IClassFixture<NotifyingRedis>
{
    private readonly NotifyingRedis _redis = shared.Empty();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Faces => new()
    {
        { "sqlite", "draft" }, { "sqlite", "draft2" }, { "sqlite", "wasmcloud" }, { "redis", "draft" }, { "redis", "draft2" }, { "redis", "wasmcloud" },
    };

    public static TheoryData<string> Backends => ["sqlite", "redis"];

    [Theory]
    [MemberData(nameof(Faces))]
    public async Task Every_way_to_change_a_store_is_told_in_order(string backend, string face)
    {
        string? url = Url(backend);
        await using AppsFixture apps = await StoreApps.StartAsync(url, face: face);
        await apps.ListensAsync(url);
        int before = apps.Told().Length;
        await apps.RunAsync("sync", "draft open notes", "draft set a 1");
        await apps.ToldAsync("set a 1");
        await apps.RunAsync("sync", "draft open notes", "draft2 open notes", "spin open notes", "draft add n 5", "draft set-many b 2 c 3", "draft delete-many b absent");
        await apps.ToldAsync("delete b");
        await apps.RunAsync("sync", "draft2 open notes", "spin open notes", "draft2 add n -2", "draft2 cas a", "draft2 swap 9", "spin set s 4", "spin delete s", "spin delete s");
        await apps.ToldAsync("delete s");
        await apps.RunAsync("async", "spin3 open notes", "spin3 set p 5", "wasmcloud open notes", "wasmcloud new p 6", "wasmcloud new q 7", "wasmcloud delete q");
        await apps.ToldAsync("delete q");
        string[] told = apps.Told()[before..];

        // A Redis gives the value when the watcher asks: what was changed again, or deleted, meanwhile is told as it then is.
        if (url is not null)
            told = [.. told.Where(t => t is not ("set b 2" or "set s 4" or "set q 7"))];
        string[] all = ["set a 1", "set n 5", "set b 2", "set c 3", "delete b", "set n 3", "set a 9", "set s 4", "delete s", "set p 5", "set q 7", "delete q"];
        Assert.Equal(url is null ? all : [.. all.Where(t => t is not ("set b 2" or "set s 4" or "set q 7"))], told);
        Assert.Equal(0, apps.Index().Stats.FailedRuns);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task The_handler_is_given_the_store(string backend)
    {
        string? url = Url(backend);
        foreach (string face in new[] { "draft", "draft2", "wasmcloud" })
        {
            await using AppsFixture apps = await StoreApps.StartAsync(url, face: face);
            await apps.ListensAsync(url);
            await apps.SetAsync(("k", "read"));
            await apps.ToldAsync("holds k read");
        }
    }

    [Theory]
    [InlineData("keys = \"user/*\"", "set user/1 a|set user/ c")]
    [InlineData("keys = \"user\"", "set user e")]
    [InlineData("keys = \"*\"", "set user/1 a|set use b|set user/ c|set other d|set user e")]
    public async Task Only_the_keys_that_it_watches_are_told(string keys, string told)
    {
        await using AppsFixture apps = await StoreApps.StartAsync(null, keys);
        await apps.SetAsync(("user/1", "a"), ("use", "b"), ("user/", "c"), ("other", "d"), ("user", "e"));
        string[] all = told.Split('|');
        await apps.ToldAsync(all[^1]);
        Assert.Equal(all, apps.Told());
    }

    [Fact]
    public async Task A_store_that_the_component_is_granted_without_a_table_is_watched()
    {
        await using var apps = new AppsFixture();
        apps.WriteWatcher(
            """
            name = "index"
            [component.watch]
            source = "c-watch-draft.wasm"
            key-value = ["own"]
            [component.kv]
            source = "c-keyvalue.wasm"
            key-value = ["own"]
            [[http]]
            route = "/sync/{**function}"
            component = "kv"
            [[watch]]
            store = "own"
            component = "watch"
            """);
        File.Copy(AppsFixture.Guest("c-keyvalue/c-keyvalue.wasm"), Path.Combine(apps.Folder, "index", "c-keyvalue.wasm"));
        await apps.StartAsync(services: services => services.AddWindhoverRedis());
        await apps.RunAsync("sync", "draft open own", "draft set k v");
        await apps.ToldAsync("set k v");
    }

    [Fact]
    public async Task A_component_that_answers_requests_is_told_too()
    {
        await using var apps = new AppsFixture();
        apps.WriteWatcher(StoreApps.Watcher(null, face: "http") + "\n[[http]]\nroute = \"/index\"");
        File.Copy(AppsFixture.Guest("c-watch/c-watch-http.wasm"), Path.Combine(apps.Folder, "index", "c-watch-http.wasm"));
        apps.WriteWriter(null);
        await apps.StartAsync(services: services => services.AddWindhoverRedis());
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("", await apps.Client.GetStringAsync("/index", Token));
            await apps.SetAsync(("k", $"{i}"));
            await apps.ToldAsync($"set k {i}");
            while (!await apps.Index().TrySleepAsync())
                await Task.Yield(); // until the run has left
        }

        Assert.Equal((2, 2, 0), (apps.Index().Stats.Requests, apps.Index().Stats.Runs, apps.Index().Stats.FailedRuns));
    }

    [Fact]
    public async Task A_change_wakes_an_app_that_sleeps_or_was_never_loaded()
    {
        await using AppsFixture apps = await StoreApps.StartAsync(null, configure: o => o.PreloadUpTo = 0);
        RunningApp index = apps.Index();
        for (int i = 0; i < 3; i++)
        {
            Assert.False(index.IsLoaded);
            await apps.SetAsync(("k", $"{i}"));
            await apps.ToldAsync($"set k {i}");
            while (!await index.TrySleepAsync())
                await Task.Yield(); // until the run has left
        }

        Assert.Equal((3, 0), (index.Stats.Runs, index.Stats.FailedRuns));
    }

    [Fact]
    public async Task No_change_is_lost_or_told_twice_while_versions_change()
    {
        await using AppsFixture apps = await StoreApps.StartAsync(null);
        var told = new System.Collections.Concurrent.ConcurrentQueue<string>();
        apps.Logs.Written += line =>
        {
            if (line.App == "index" && line.Message.StartsWith("watch: set k ", StringComparison.Ordinal))
                told.Enqueue(line.Message["watch: set k ".Length..]);
        };
        const int Changes = 300;
        Task writing = Task.Run(
            async () =>
            {
                for (int i = 0; i < Changes; i += 10)
                    await apps.SetAsync([.. Enumerable.Range(i, 10).Select(n => ("k", $"{n}"))]);
            },
            Token);
        for (int version = 0; !writing.IsCompleted; version++)
        {
            await File.AppendAllTextAsync(Path.Combine(apps.Folder, "index", "windhover.toml"), $"\n# {version}", Token);
            await apps.Server.LoadAsync(Token);
        }

        await writing;
        await apps.SetAsync(("end", "x"));
        await apps.ToldAsync("set end x");
        Assert.Equal(Enumerable.Range(0, Changes).Select(i => $"{i}"), told);
        Assert.True(apps.Index().Version > 2);
    }

    [Fact]
    public async Task An_app_without_its_watch_is_told_nothing_more()
    {
        await using AppsFixture apps = await StoreApps.StartAsync(null);
        await apps.SetAsync(("k", "1"));
        await apps.ToldAsync("set k 1");
        string file = Path.Combine(apps.Folder, "index", "windhover.toml");
        string manifest = await File.ReadAllTextAsync(file, Token);
        await File.WriteAllTextAsync(file, manifest.Replace("[[watch]]\nstore = \"notes\"", "", StringComparison.Ordinal), Token);
        await apps.Server.LoadAsync(Token);
        await apps.SetAsync(("k", "2"));
        await File.WriteAllTextAsync(file, manifest, Token);
        await apps.Server.LoadAsync(Token);
        await apps.SetAsync(("k", "3"));
        await apps.ToldAsync("set k 3");
        Assert.Equal(["set k 1", "set k 3"], apps.Told());
    }

    [Fact]
    public async Task Two_servers_on_one_Redis_tell_each_its_own_watchers()
    {
        await using AppsFixture one = await StoreApps.StartAsync(_redis.Url);
        await using AppsFixture two = await StoreApps.StartAsync(_redis.Url);
        await one.ListensAsync(_redis.Url);
        await two.ListensAsync(_redis.Url);
        await one.SetAsync(("k", "from-one"));
        await one.ToldAsync("set k from-one");
        await two.ToldAsync("set k from-one");
        await two.RunAsync("sync", "draft open notes", "draft delete k");
        await one.ToldAsync("delete k");
        await two.ToldAsync("delete k");
    }

    [Fact]
    public async Task What_other_programs_do_in_Redis_is_told()
    {
        await using AppsFixture apps = await StoreApps.StartAsync(_redis.Url);
        await apps.ListensAsync(_redis.Url);
        int before = apps.Told().Length;
        using StackExchange.Redis.ConnectionMultiplexer other = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(_redis.Endpoint);
        StackExchange.Redis.IDatabase database = other.GetDatabase();
        await database.StringSetAsync("notes:far", "1");
        await apps.ToldAsync("set far 1");
        await database.StringSetAsync("elsewhere:far", "2");
        await database.HashSetAsync("notes:hash", "f", "v"); // no value of a store
        await database.StringAppendAsync("notes:far", "23");
        await apps.ToldAsync("set far 123");
        await database.KeyRenameAsync("notes:far", "notes:near");
        await apps.ToldAsync("set near 123");
        await database.StringSetAsync("notes:brief", "b", TimeSpan.FromHours(1));
        await database.KeyDeleteAsync(["notes:near", "notes:hash"]);
        await apps.ToldAsync("delete hash");
        Assert.Equal(["set far 1", "set far 123", "delete far", "set near 123", "set brief b", "delete near", "delete hash"], apps.Told()[before..]);
    }

    [Fact]
    public async Task A_run_continues_the_trace_of_who_made_the_change()
    {
        await using AppsFixture apps = await StoreApps.StartAsync(null);
        var trace = ActivityTraceId.CreateRandom();
        var exported = new List<Activity>();
        using (Sdk.CreateTracerProviderBuilder().AddSource("Windhover", "Microsoft.AspNetCore").AddInMemoryExporter(exported).Build())
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/sync/run") { Content = new StringContent("""{"script": "draft open notes\ndraft set k v"}""", Encoding.UTF8, "application/json") };
            request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
            using HttpResponseMessage answer = await apps.Client.SendAsync(request, Token);
            answer.EnsureSuccessStatusCode();
            await apps.ToldAsync("set k v");
            Assert.Equal(trace.ToHexString(), apps.Logs.Read("index").Single(l => l.Message == "watch: set k v").Trace);
            await apps.Server.StopAsync();
        }

        Activity writer = Assert.Single(exported, a => a.TraceId == trace && a.OperationName == "guest writer");
        Activity run = Assert.Single(exported, a => a.TraceId == trace && a.OperationName == "watch index");
        Assert.Equal(writer.SpanId, run.ParentSpanId);
    }

    private string? Url(string backend) => backend == "redis" ? _redis.Url : null;
}
