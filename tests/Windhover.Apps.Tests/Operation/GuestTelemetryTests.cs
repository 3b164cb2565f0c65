using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Apps.Operation;
using Windhover.Hosting.Capabilities.Otel;
using Trace = Windhover.Apps.Operation.Trace;

namespace Windhover.Apps.Tests.Operation;

/// <summary>What guests tell of themselves, where the operator looks: the dashboard's traces, the app's log.</summary>
[Collection("alone")]
public sealed class GuestTelemetryTests
{
    private const string Manifest = "name = \"teller\"\n[component.web]\nsource = \"c-otel.wasm\"\nallow-hosts = [\"http://hello.internal\"]\n[[http]]\nroute = \"/{**path}\"\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_dashboards_trace_has_the_guests_spans()
    {
        await using AppsFixture apps = await StartAsync();
        string trace = await AskAsync(apps, "/");
        Trace kept = await KeptAsync(apps, trace, 3);
        Span guest = Assert.Single(kept.Spans, s => s.Name == "guest teller"), root = Assert.Single(kept.Spans, s => s.Name == "handle order"), child = Assert.Single(kept.Spans, s => s.Name == "look up");
        Assert.Equal((guest.Id, root.Id, ActivityKind.Server, true), (root.Parent, child.Parent, root.Kind, child.IsError));
        string page = await apps.Client.GetStringAsync($"/_windhover/traces/{trace}", Cancel);
        foreach (string text in new[] { "handle order", "look up", "cache miss", "item apple", "0af7651916cd43dd8448eb211c80319c", "not there", "order failed" })
            Assert.Contains(text, page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_log_record_knows_its_trace_and_request()
    {
        await using AppsFixture apps = await StartAsync();
        string trace = await AskAsync(apps, "/");
        LogLine line = await apps.LineAsync(l => l.Source == "otel");
        Assert.Equal(("teller", Microsoft.Extensions.Logging.LogLevel.Error, trace), (line.App, line.Level, line.Trace));
        Assert.Equal(apps.Server.Services.Requests.Last().Single().Number, line.Request);
        Assert.StartsWith("order failed item=apple", line.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_of_another_app_is_below_the_guests_span()
    {
        await using AppsFixture apps = await StartAsync();
        string trace = await AskAsync(apps, "/out/hello.internal/");
        Trace kept = await KeptAsync(apps, trace, 5);
        Span client = Assert.Single(kept.Spans, s => s.Name == "ask upstream"), call = Assert.Single(kept.Spans, s => s.Name == "call hello");
        Assert.Equal((client.Id, call.Id), (call.Parent, Assert.Single(kept.Spans, s => s.Name == "guest hello").Parent));
    }

    [Fact]
    public async Task Many_spans_of_a_guest_leave_room_for_the_servers()
    {
        await using AppsFixture apps = await StartAsync();
        string trace = await AskAsync(apps, "/spans/1000");
        Trace kept = await KeptAsync(apps, trace, 151);
        Assert.Single(kept.Spans, s => s.Name == "guest teller");
        Assert.Equal(151, kept.Spans.Count);
    }

    [Fact]
    public async Task In_a_process_of_its_own_a_guest_tells_its_log()
    {
        await using var apps = new AppsFixture();
        apps.Write("teller", Manifest.Replace("[component.web]", "[component.web]\nisolation = \"process\"", StringComparison.Ordinal).Replace("allow-hosts = [\"http://hello.internal\"]\n", "", StringComparison.Ordinal), "c-otel/c-otel.wasm");
        await apps.StartAsync();
        await AskAsync(apps, "/");
        await apps.LineAsync(l => l.Message.Contains("order failed", StringComparison.Ordinal));
    }

    private static async Task<AppsFixture> StartAsync()
    {
        var apps = new AppsFixture();
        apps.Write("teller", Manifest, "c-otel/c-otel.wasm");
        apps.Write("hello", "name = \"hello\"\n[component.web]\nsource = \"c-http.wasm\"\n[[http]]\nroute = \"/{**path}\"\nprivate = true", "c-http/c-http.wasm");
        await apps.StartAsync();
        return apps;
    }

    private static async Task<string> AskAsync(AppsFixture apps, string path)
    {
        string trace = ActivityTraceId.CreateRandom().ToHexString();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        using HttpResponseMessage answer = await apps.Client.SendAsync(request, Cancel);
        answer.EnsureSuccessStatusCode();
        return trace;
    }

    // The server's own span ends after the client has its answer: a listener that comes after the store tells when.
    private static async Task<Trace> KeptAsync(AppsFixture apps, string trace, int spans)
    {
        TraceStore store = apps.Services.GetRequiredService<TraceStore>();
        var done = new TaskCompletionSource<Trace>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (store.Find(trace) is { } found && found.Spans.Count >= spans)
                done.TrySetResult(found);
        }

        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "Windhover" or OtelCapability.SourceName,
            ActivityStopped = _ => Look(),
        };
        ActivitySource.AddActivityListener(listener);
        Look();
        return await done.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancel);
    }
}
