using System.Diagnostics;
using Windhover.Hosting.Capabilities.Otel;
using Windhover.Hosting.Tests.Capabilities.Otel;
using Windhover.Tests.Shared;

namespace Windhover.Hosting.Tests.Hostile;

/// <summary>Spans that nobody should believe: bounded, dropped, counted, and never a failure.</summary>
[Collection("telemetry")]
public sealed class TelemetryTests
{
    private const string AspNetCore = "Microsoft.AspNetCore";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/spans/100000", "too many in a run", 2 * (100_000 - GuestSpans.MaxSpans))] // at their start, and at their end
    [InlineData("/open/600", "never ended", 600)]
    [InlineData("/open/3000", "too many in a run", 3000 + 1 - GuestSpans.MaxSpans + 1)]
    [InlineData("/twice", "ended twice", 3)]
    [InlineData("/twice", "started twice", 3)]
    [InlineData("/ids", "its id is none", 14)]
    public async Task What_cannot_be_told_is_counted(string path, string reason, int count)
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var spans = new SpanCollector(OtelCapability.SourceName, AspNetCore);
        using var drops = new MetricCollector(server.App, "Windhover");
        (string trace, string answer) = await server.GetAsync(path);
        Assert.Equal("ok", answer);
        await spans.WaitAsync(trace, 1, Cancel);
        await server.Server.DisposeAsync(); // the instance has ended
        Assert.Equal(count, drops.Totals[$"{TelemetryDrops.InstrumentName}{{reason={reason},what=span}}"]);
        Assert.True(spans.Of(trace).Count(a => a.Source.Name != AspNetCore) <= GuestSpans.MaxSpans);
    }

    [Fact]
    public async Task A_child_of_a_span_that_never_ends_is_below_the_request()
    {
        Activity[] ended = await SpansAsync("/open/600", 2);
        Activity inner = Assert.Single(ended, a => a.DisplayName == "ended");
        Assert.Equal(ended.Single(a => a.Source.Name == AspNetCore).SpanId, inner.ParentSpanId);
    }

    [Fact]
    public async Task Spans_in_a_circle_are_told_once_each()
    {
        Activity[] ended = await SpansAsync("/circle", 4);
        Activity request = ended.Single(a => a.Source.Name == AspNetCore), a = Assert.Single(ended, s => s.DisplayName == "a"), b = Assert.Single(ended, s => s.DisplayName == "b");
        Assert.Equal(request.SpanId, Assert.Single(ended, s => s.DisplayName == "self").ParentSpanId);
        Assert.True((a.ParentSpanId == request.SpanId && b.ParentSpanId == a.SpanId) || (b.ParentSpanId == request.SpanId && a.ParentSpanId == b.SpanId));
    }

    [Fact]
    public async Task Ids_of_nobody_and_traces_of_others_stay_in_the_requests_trace()
    {
        Activity[] ended = await SpansAsync("/ids", 2);
        Activity good = Assert.Single(ended, a => a.DisplayName == "good");
        Assert.Equal((ended.Single(a => a.Source.Name == AspNetCore).SpanId, "nor this"), (good.ParentSpanId, good.GetTagItem("guest.trace_id")));
    }

    [Fact]
    public async Task Times_are_within_the_requests()
    {
        DateTime before = DateTime.UtcNow;
        Activity[] ended = await SpansAsync("/times", 4);
        Assert.All(ended, a => Assert.InRange(a.StartTimeUtc, before, DateTime.UtcNow));
        Assert.All(ended, a => Assert.InRange(a.StartTimeUtc + a.Duration, before, DateTime.UtcNow));
    }

    [Fact]
    public async Task A_span_has_so_much_text_and_so_many_items()
    {
        Activity huge = Assert.Single(await SpansAsync("/huge", 2), a => a.Source.Name != AspNetCore);
        int text = huge.DisplayName.Length + huge.TagObjects.Sum(t => t.Key.Length + $"{t.Value}".Length) + huge.Events.Sum(e => e.Name.Length + e.Tags.Sum(t => t.Key.Length + $"{t.Value}".Length));
        Assert.InRange(text, 256, SpanDraft.MaxBytes + 1024);
        Assert.InRange(huge.TagObjects.Count(), 1, 140);
        Assert.InRange(huge.Events.Count() + huge.Links.Count(), 0, 256);
        Assert.Equal("4997", huge.GetTagItem("guest.dropped_attributes"));
    }

    [Fact]
    public async Task Log_records_of_a_run_have_its_bytes()
    {
        await using OtelServer server = await OtelServer.StartAsync(o => o.Budget = Windhover.Engine.Budget.Parse("log=50"));
        await server.GetAsync("/logs/100000");
        Assert.Equal(10, server.Server.Log.Lines.Count(l => l == "again"));
        Assert.Single(server.Server.Log.Lines, l => l.Contains("the rest of this run is not logged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Log_records_in_a_second_are_so_many()
    {
        await using OtelServer server = await OtelServer.StartAsync(o => o.Budget = Windhover.Engine.Budget.Parse("log-lines=5"));
        await server.GetAsync("/logs/100000");
        Assert.InRange(server.Server.Log.Lines.Count(l => l == "again"), 5, 1000); // in as many seconds as it takes
        Assert.True(server.Server.App.Meter.Rejected(Windhover.Engine.BudgetKind.LogLines) > 90_000);
    }

    private static async Task<Activity[]> SpansAsync(string path, int count)
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var spans = new SpanCollector(OtelCapability.SourceName, AspNetCore);
        (string trace, _) = await server.GetAsync(path);
        return [.. await spans.WaitAsync(trace, count, Cancel)];
    }
}
