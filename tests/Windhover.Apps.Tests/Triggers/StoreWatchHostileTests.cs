using System.Text;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Windhover.Apps.Operation;
using Windhover.Capabilities.Redis;
using Windhover.Capabilities.Tests.Servers;

namespace Windhover.Apps.Tests.Triggers;

/// <summary>Watchers that fail, hang, keep what they were given, feed themselves and each other; floods of changes; a Redis that tells nothing or goes away.</summary>
public sealed class StoreWatchHostileTests(NotifyingRedis shared) : IClassFixture<NotifyingRedis>
{
    private readonly NotifyingRedis _redis = shared.Empty();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string> Backends => ["sqlite", "redis"];

    [Theory]
    [InlineData("draft")]
    [InlineData("draft2")]
    [InlineData("wasmcloud")]
    public async Task A_handler_that_traps_is_a_failed_run_and_the_next_change_goes_on(string face)
    {
        await using AppsFixture apps = await StoreApps.StartAsync(null, face: face);
        await apps.SetAsync(("a", "trap"), ("b", "keep"), ("c", "trap"), ("d", "delete"));
        await apps.ToldAsync("set d delete");
        await apps.Server.StopAsync();
        Assert.Equal(["set a trap", "set b keep", "set c trap", "set d delete"], apps.Told());
        Assert.Equal((4, 2), (apps.Index().Stats.Runs, apps.Index().Stats.FailedRuns));
        Assert.Equal(2, apps.Logs.Read("index").Count(l => l.Level == LogLevel.Error && l.Message.StartsWith("watch: ", StringComparison.Ordinal) && l.Message.Contains("unreachable", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("draft")]
    [InlineData("wasmcloud")]
    public async Task A_handler_that_never_returns_ends_at_its_deadline_and_holds_up_no_writer(string face)
    {
        await using AppsFixture apps = await StartAsync(null, "queue = 5", "budget = { wall = \"8s\" }", face);
        await apps.SetAsync(("first", "spin"));
        await apps.ToldAsync("set first spin");
        await apps.SetAsync([.. Enumerable.Range(0, 20).Select(i => ($"k{i}", "v"))]);
        Assert.Equal(0, apps.Index().Stats.Runs); // the writer is done, the first run is not
        await apps.ToldAsync("set k19 v");
        Assert.Equal(["set first spin", "set k15 v", "set k16 v", "set k17 v", "set k18 v", "set k19 v"], apps.Told());
        await apps.Server.StopAsync();
        Assert.Equal((6, 1), (apps.Index().Stats.Runs, apps.Index().Stats.FailedRuns));
        Assert.Contains(apps.Logs.Read("index"), l => l.Level == LogLevel.Error && l.Message.StartsWith("watch: its time is over", StringComparison.Ordinal));
        LogLine lost = Assert.Single(apps.Said());
        Assert.StartsWith("watch `notes`: 15 changes were not told", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replaced_version_finishes_its_run_and_leaves_the_rest_to_the_next()
    {
        await using AppsFixture apps = await StartAsync(null, "", "budget = { wall = \"2s\" }");
        await apps.SetAsync(("first", "spin"));
        await apps.ToldAsync("set first spin");
        await apps.SetAsync(("second", "x"), ("third", "x"));
        await File.AppendAllTextAsync(Path.Combine(apps.Folder, "index", "windhover.toml"), "\n# new", Token);
        await apps.Server.LoadAsync(Token);
        Assert.Equal(2, apps.Server.Find("index")!.Version - 1);
        await apps.ToldAsync("set third x");
        Assert.Equal(["set first spin", "set second x", "set third x"], apps.Told());
    }

    [Fact]
    public async Task A_value_of_64_MiB_reaches_a_guest_that_has_room_and_fails_one_that_has_not()
    {
        await using var apps = new AppsFixture();
        apps.WriteWatcher(StoreApps.Watcher(null, "queue-memory = \"1MiB\"", more: "budget = { memory = \"192MiB\" }"));
        apps.WriteWatcher(StoreApps.Watcher(null, name: "small", more: "budget = { memory = \"16MiB\" }"), "small");
        apps.WriteWriter(null);
        await apps.StartAsync(services: services => services.AddWindhoverRedis());
        Assert.Equal("ok | ok", await apps.RunAsync("sync", "draft open notes", $"draft fill k {64 << 20}"));
        await apps.ToldAsync($"set k {64 << 20} bytes");
        await apps.LineAsync(l => l.App == "small" && l.Level == LogLevel.Error);
        await apps.SetAsync(("next", "x"));
        await apps.ToldAsync("set next x");
        await apps.ToldAsync("set next x", "small");
        Assert.Equal(["set next x"], apps.Told("small"));
        Assert.Equal(1, apps.Server.Find("small")!.Stats.FailedRuns);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task A_watcher_is_not_told_of_what_its_own_runs_change(string backend)
    {
        string? url = Url(backend);
        foreach (string face in new[] { "draft", "draft2", "wasmcloud" })
        {
            await using AppsFixture apps = await StoreApps.StartAsync(url, face: face);
            await apps.ListensAsync(url);
            int before = apps.Told().Length;
            await apps.SetAsync(("again", "x"), ("ping", "y"), ("gone", "delete"), ("end", "z"));
            await apps.ToldAsync("set end z");
            await apps.SetAsync(("pong", "by-hand"), ("last", "z"));
            await apps.ToldAsync("set last z");
            Assert.Equal(["set again x", "set ping y", "set gone delete", "set end z", "set pong by-hand", "set last z"], apps.Told()[before..]);
            await apps.RunAsync("sync", "draft open notes", "draft delete-many again ping pong gone end last");
        }
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public async Task Watchers_that_feed_each_other_come_to_an_end(string backend)
    {
        string? url = Url(backend);
        await using AppsFixture apps = await StoreApps.StartAsync(url, "keys = \"ping*\"\n[[watch]]\nstore = \"notes\"\nkeys = \"pong*\"\n[[watch]]\nstore = \"notes\"\nkeys = \"hello\"");
        await apps.ListensAsync(url);
        await apps.SetAsync(("ping", "x"));
        await apps.LineAsync(l => l.App == "index" && l.Message.StartsWith("watch `notes`: 1 change was not told, the last of `pong`: made by runs that changes began", StringComparison.Ordinal));
        Assert.Equal(["set ping x", "set pong x", "set ping x", "set pong x", "set ping x", "set pong x", "set ping x"], apps.Told().Where(t => !t.Contains("hello", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Watchers_of_two_servers_that_feed_each_other_come_to_an_end()
    {
        await using AppsFixture one = await StoreApps.StartAsync(_redis.Url, "keys = \"ping*\"\n[[watch]]\nstore = \"notes\"\nkeys = \"hello\"");
        await using AppsFixture two = await StoreApps.StartAsync(_redis.Url, "keys = \"pong*\"\n[[watch]]\nstore = \"notes\"\nkeys = \"hello\"");
        await one.ListensAsync(_redis.Url);
        await two.ListensAsync(_redis.Url);
        await one.SetAsync(("ping", "x"));
        await two.LineAsync(l => l.App == "index" && l.Message.StartsWith("watch `notes`: 1 change was not told, the last of `pong`", StringComparison.Ordinal));
        Assert.Equal(4, one.Told().Count(t => t == "set ping x"));
        Assert.Equal(3, two.Told().Count(t => t == "set pong x"));
    }

    [Fact]
    public async Task A_Redis_that_tells_nothing_is_said_with_what_to_do_until_it_does()
    {
        using var mute = new RedisServer();
        await using AppsFixture apps = await StoreApps.StartAsync(mute.Url);
        LogLine line = await apps.LineAsync(l => l.App == "index" && l.Level == LogLevel.Error);
        Assert.Contains("redis-cli config set notify-keyspace-events Kg$", line.Message, StringComparison.Ordinal);
        Assert.Contains("redis-cli config set notify-keyspace-events Kg$", await apps.Client.GetStringAsync("/readyz", Token), StringComparison.Ordinal);
        using ConnectionMultiplexer other = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{mute.Port},allowAdmin=true");
        await other.GetDatabase().ExecuteAsync("CONFIG", "SET", "notify-keyspace-events", "KEA");
        await apps.LineAsync(l => l.App == "index" && l.Message == "watch `notes`: the backend is back");
        await apps.SetAsync(("k", "v"));
        await apps.ToldAsync("set k v");
        Assert.Equal(2, apps.Said().Length);
    }

    [Fact]
    public async Task A_Redis_that_goes_away_and_comes_back_tells_again()
    {
        using var server = new NotifyingRedis();
        await using AppsFixture apps = await StoreApps.StartAsync(server.Url);
        await apps.ListensAsync(server.Url);
        for (int round = 0; round < 2; round++)
        {
            server.Kill();
            Assert.Contains("cannot serve", await apps.Client.GetStringAsync("/readyz", Token), StringComparison.Ordinal);
            server.Start();
            using var late = new CancellationTokenSource(StoreApps.Patience);
            for (int i = 0; !apps.Told().Any(t => t.StartsWith($"set round-{round} ", StringComparison.Ordinal)); i++)
            {
                late.Token.ThrowIfCancellationRequested();
                await apps.RunAsync("sync", "draft open notes", $"draft set round-{round} {i}"); // fails until Redis is found again
            }
        }
    }

    [Fact]
    public async Task What_nobody_could_have_sent_as_a_mark_is_none()
    {
        await using AppsFixture apps = await StoreApps.StartAsync(_redis.Url);
        await apps.ListensAsync(_redis.Url);
        using ConnectionMultiplexer other = await ConnectionMultiplexer.ConnectAsync(_redis.Endpoint);
        string[] marks = ["x", " ", "-1 index/watch/notes/*", "99999999999 a", new string('1', 5000), "3 another/watch/notes/*"];
        for (int i = 0; i < marks.Length; i++)
        {
            await other.GetSubscriber().PublishAsync(RedisChannel.Literal("__keywatch@0__:notes:"), marks[i]);
            await apps.SetAsync(("k", $"{i}"));
            await apps.ToldAsync($"set k {i}");
        }

        // One that can publish there can have a watcher overlook a change; a watcher's own write then ends it.
        await other.GetSubscriber().PublishAsync(RedisChannel.Literal("__keywatch@0__:notes:"), RedisValue.EmptyString);
        await other.GetDatabase().StringSetAsync("notes:" + new string('k', 5000), "long");
        await other.GetDatabase().StringSetAsync((RedisKey)Encoding.Latin1.GetBytes("notes:\xff\xfe"), "no text");
        await other.GetDatabase().StringSetAsync("notes:last", "x");
        await apps.ToldAsync("set last x");
        Assert.Equal(0, apps.Index().Stats.FailedRuns);
    }

    private static async Task<AppsFixture> StartAsync(string? url, string watch, string more, string face = "draft")
    {
        var apps = new AppsFixture();
        apps.WriteWatcher(StoreApps.Watcher(url, watch, face, more: more));
        apps.WriteWriter(url);
        await apps.StartAsync(services: services => services.AddWindhoverRedis());
        return apps;
    }

    private string? Url(string backend) => backend == "redis" ? _redis.Url : null;
}
