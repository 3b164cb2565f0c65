using System.Diagnostics.Metrics;

namespace Windhover.Engine.Tests.Budgets;

public sealed class BudgetMetricsTests
{
    [Fact]
    public void What_is_used_shows_as_metrics()
    {
        var tenant = new BudgetMeter("metrics-tenant", Budget.None);
        var app = new BudgetMeter("metrics-app", Budget.Default with { Files = 2 }, tenant);
        BudgetMetrics.Show(app);
        app.Charge(BudgetKind.Files, 2);
        app.TryCharge(BudgetKind.Files, 1);
        app.EndRun(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3), 1 << 20, bytesOut: 7, bytesIn: 5);
        var seen = Read();
        Assert.Equal(2, seen["windhover.budget.used files"]);
        Assert.Equal(2, seen["windhover.budget.limit files"]);
        Assert.Equal(1, seen["windhover.budget.rejections files"]);
        Assert.Equal(1, seen["windhover.runs"]);
        Assert.Equal(1.5, seen["windhover.cpu.time"]);
        Assert.Equal(3 << 20, seen["windhover.memory.time"]);
        Assert.Equal((7, 5), (seen["windhover.bytes.out"], seen["windhover.bytes.in"]));
        Assert.Equal((1, 7), (tenant.Snapshot().Runs, tenant.Snapshot().BytesOut));
        BudgetMetrics.Hide(app);
        Assert.Empty(Read());
    }

    private static Dictionary<string, double> Read()
    {
        var seen = new Dictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument.Meter.Name == BudgetMetrics.MeterName)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        listener.RecordObservableInstruments();
        return seen;

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var all = tags.ToArray().ToDictionary();
            if (all["app"] is "metrics-app" && all["tenant"] is "metrics-tenant")
                seen[$"{instrument.Name} {all.GetValueOrDefault("budget")}".TrimEnd()] = value;
        }
    }
}
