using Windhover.Hosting.Capabilities.Otel;
using Windhover.Tests.Shared;

namespace Windhover.Hosting.Tests.Capabilities.Otel;

/// <summary>What guests export adds up, over instances too, and says nothing that was not measured.</summary>
[Collection("telemetry")]
public sealed class MetricTests
{
    [Fact]
    public async Task Points_of_every_kind_become_measurements()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var metrics = new MetricCollector(server.App, OtelCapability.SourceName);
        await server.GetAsync("/");
        await server.GetAsync("/"); // another instance, whose sums begin at 0
        IReadOnlyDictionary<string, double> totals = metrics.Totals;
        Assert.Equal(21.5, totals["temperature{guest.scope=c-otel,item=apple}"]);
        Assert.Equal(6, totals["orders{guest.scope=c-otel,item=apple}"]);
        Assert.Equal((8, 10.5), (totals["size.count{guest.scope=c-otel,item=apple}"], totals["size.sum{guest.scope=c-otel,item=apple}"]));
        Assert.Equal(
            [("+Inf", 8), ("0.1", 4), ("1", 6)],
            totals.Where(t => t.Key.StartsWith("size.bucket", StringComparison.Ordinal)).Select(t => (t.Key.Split("le=")[1].TrimEnd('}'), (int)t.Value)).Order());
        // (1, 2] has one, (2, 4] two, and one is 0: of a scale of 0, each time.
        Assert.Equal((2, 2, 8, 8), (Wait("0.25"), Wait("1"), Wait("4"), Wait("+Inf")));
        Assert.Equal(["Counter<Int64> orders {order}", "Counter<Int64> size.bucket {count}", "Counter<Int64> size.count {count}", "Gauge<Double> temperature 1", "UpDownCounter<Double> size.sum kg"],
            metrics.Instruments.Where(i => !i.Contains("wait", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

        double Wait(string bound) => totals[$"wait.bucket{{guest.scope=c-otel,le={bound}}}"];
    }

    [Fact]
    public async Task A_cumulative_sum_tells_what_it_grew_by()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var metrics = new MetricCollector(server.App, OtelCapability.SourceName);
        await server.GetAsync("/sum/5"); // 5, then 6
        Assert.Equal((6, 2), (metrics.Totals["total{guest.scope=c-otel}"], metrics.Totals["changes{guest.scope=c-otel}"]));
        await server.GetAsync("/sum/3");
        Assert.Equal((10, 4), (metrics.Totals["total{guest.scope=c-otel}"], metrics.Totals["changes{guest.scope=c-otel}"]));
    }

    [Fact]
    public async Task Apps_that_name_the_same_are_told_apart()
    {
        await using OtelServer one = await OtelServer.StartAsync(), other = await OtelServer.StartAsync();
        using MetricCollector ofOne = new(one.App, OtelCapability.SourceName), ofOther = new(other.App, OtelCapability.SourceName);
        await one.GetAsync("/sum/1");
        await other.GetAsync("/forge");
        Assert.Equal(2, ofOne.Totals["total{guest.scope=c-otel}"]);
        Assert.Equal(["forged{guest.scope=c-otel,mine=1}"], ofOther.Totals.Keys);
        Assert.DoesNotContain("forged", string.Join(' ', ofOne.Totals.Keys), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Series_are_so_many_and_the_guest_and_the_log_are_told()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using var metrics = new MetricCollector(server.App, OtelCapability.SourceName);
        Assert.Equal("ok", (await server.GetAsync("/series/1000")).Answer);
        string error = (await server.GetAsync("/series/1001")).Answer;
        Assert.Equal("many: the app has 1000 series or 100 names of metrics already", error);
        Assert.Equal("ok", (await server.GetAsync("/series/1000")).Answer); // those that are there go on
        Assert.Equal(1000, metrics.Totals.Count);
        Assert.Single(server.Server.Log.Lines, l => l.Contains("more than 1000 series", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_no_metric_is_refused_in_words()
    {
        await using OtelServer server = await OtelServer.StartAsync();
        using MetricCollector metrics = new(server.App, OtelCapability.SourceName), drops = new(server.App, "Windhover");
        Assert.Equal("11 refused", (await server.GetAsync("/names")).Answer);
        Assert.DoesNotContain(metrics.Totals, t => !t.Key.StartsWith("most", StringComparison.Ordinal) && !t.Key.StartsWith("far", StringComparison.Ordinal));
        Assert.All(metrics.Totals.Values, v => Assert.True(double.IsFinite(v)));
        Assert.Equal(11, drops.Totals.Where(t => t.Key.StartsWith(TelemetryDrops.InstrumentName, StringComparison.Ordinal)).Sum(t => t.Value));
    }
}
