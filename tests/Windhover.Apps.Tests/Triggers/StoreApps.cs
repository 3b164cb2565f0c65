using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Capabilities.Redis;

namespace Windhover.Apps.Tests.Triggers;

/// <summary>
/// A server with a watcher and, as another app, a writer to the same store: <c>index</c> says in its log what it is told (guests/c-watch), <c>writer</c> runs scripts (guests/c-keyvalue).
/// </summary>
internal static class StoreApps
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A store in a file beside the apps, or in a Redis.</summary>
    public static string Store(string? url) => url is null
        ? "[key-value.notes]\npath = \"../notes.db\"\n"
        : $"[key-value.notes]\nbackend = \"redis\"\nurl = \"{url}\"\nprefix = \"notes:\"\n";

    public static string Watcher(string? url, string watch = "", string face = "draft", string name = "index", string more = "") =>
        $"""
        name = "{name}"
        {more}
        [component.watch]
        source = "c-watch-{face}.wasm"
        {Store(url)}
        [[watch]]
        store = "notes"
        {watch}
        """;

    public static void WriteWatcher(this AppsFixture apps, string manifest, string name = "index") =>
        apps.Write(name, manifest, "c-watch/c-watch-draft.wasm", "c-watch/c-watch-draft2.wasm", "c-watch/c-watch-wasmcloud.wasm");

    public static void WriteWriter(this AppsFixture apps, string? url) => apps.Write(
        "writer",
        $$"""
        name = "writer"
        [component.sync]
        source = "c-keyvalue.wasm"
        key-value = ["notes"]
        [component.async]
        source = "c-keyvalue-async.wasm"
        key-value = ["notes"]
        {{Store(url)}}
        [[http]]
        route = "/sync/{**function}"
        component = "sync"
        [[http]]
        route = "/async/{**function}"
        component = "async"
        """,
        "c-keyvalue/c-keyvalue.wasm", "c-keyvalue-async/c-keyvalue-async.wasm");

    public static async Task<AppsFixture> StartAsync(string? url, string watch = "", string face = "draft", Action<AppsOptions>? configure = null)
    {
        var apps = new AppsFixture();
        apps.WriteWatcher(Watcher(url, watch, face));
        apps.WriteWriter(url);
        await apps.StartAsync(configure, services => services.AddWindhoverRedis());
        return apps;
    }

    /// <summary>Has the writer run lines; the answers are separated by ` | `.</summary>
    public static async Task<string> RunAsync(this AppsFixture apps, string kind, params string[] script)
    {
        using HttpResponseMessage answer = await apps.Client.PostAsync(
            $"/{kind}/run", new StringContent(JsonSerializer.Serialize(new { script = string.Join('\n', script) }), Encoding.UTF8, "application/json"), Token);
        string text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text + string.Join('\n', apps.Logs.Read("writer").Select(l => l.Message)));
        return JsonSerializer.Deserialize<string>(text)!.TrimEnd('\n').Replace("\n", " | ", StringComparison.Ordinal);
    }

    /// <summary>Sets keys, each to its value.</summary>
    public static async Task SetAsync(this AppsFixture apps, params (string Key, string Value)[] values)
    {
        string answers = await apps.RunAsync("sync", ["draft open notes", .. values.Select(v => $"draft set {v.Key} {v.Value}")]);
        Assert.All(answers.Split(" | "), a => Assert.Equal("ok", a));
    }

    /// <summary>What the watcher was told, in order.</summary>
    public static string[] Told(this AppsFixture apps, string app = "index") =>
        [.. apps.Logs.Read(app).Where(l => l.Level == LogLevel.Information && l.Message.StartsWith("watch: ", StringComparison.Ordinal)).Select(l => l.Message["watch: ".Length..])];

    /// <summary>Waits until the watcher is told something.</summary>
    public static Task ToldAsync(this AppsFixture apps, string what, string app = "index") => apps.LineAsync(l => l.App == app && l.Message == "watch: " + what);

    /// <summary>Waits until the watcher listens: where the store is far, that takes a connection.</summary>
    public static async Task ListensAsync(this AppsFixture apps, string? url)
    {
        if (url is null)
            return;
        using var late = new CancellationTokenSource(Patience);
        for (int i = 0; apps.Told().Length == 0; i++)
        {
            Assert.False(late.IsCancellationRequested, "nothing was told: " + string.Join('\n', apps.Logs.Read(null).Select(l => l.Message)));
            await apps.RunAsync("sync", "draft open notes", $"draft set hello {i}"); // fails until the connection is there
        }

        // A deletion is told once, after all before it.
        await apps.RunAsync("sync", "draft open notes", "draft delete hello");
        await apps.ToldAsync("delete hello");
    }

    /// <summary>Lines of the host about a watch.</summary>
    public static LogLine[] Said(this AppsFixture apps, string app = "index") =>
        [.. apps.Logs.Read(app).Where(l => l.Message.StartsWith("watch `notes`: ", StringComparison.Ordinal))];

    public static RunningApp Index(this AppsFixture apps) => apps.Server.Find("index")!;
}
