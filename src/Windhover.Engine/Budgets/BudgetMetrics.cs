using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Windhover.Engine;

/// <summary>
/// The meters of apps and tenants as metrics of .NET: <c>dotnet-counters</c>, OpenTelemetry and the like read them under the name <c>Windhover</c>. Every measurement
/// has the tags <c>app</c> and, where there is one, <c>tenant</c>; those of a budget also <c>budget</c>.
/// </summary>
public static class BudgetMetrics
{
    /// <summary>The name of the source.</summary>
    public const string MeterName = "Windhover";

    private static readonly ConcurrentDictionary<BudgetMeter, KeyValuePair<string, object?>[]> s_meters = new(ReferenceEqualityComparer.Instance);
    private static readonly Meter s_source = Create();

    /// <summary>The meters that are shown, in no order.</summary>
    public static IEnumerable<BudgetMeter> Meters => s_meters.Keys;

    /// <summary>Shows a meter until <see cref="Hide"/>.</summary>
    public static void Show(BudgetMeter meter)
    {
        ArgumentNullException.ThrowIfNull(meter);
        GC.KeepAlive(s_source);
        s_meters[meter] = meter.Parent is { } tenant ? [new("app", meter.Name), new("tenant", tenant.Name)] : [new("app", meter.Name)];
    }

    /// <summary>Shows it no longer.</summary>
    public static void Hide(BudgetMeter meter) => s_meters.TryRemove(meter, out _);

    private static Meter Create()
    {
        var source = new Meter(MeterName);
        source.CreateObservableCounter("windhover.runs", () => Each(s => s.Runs), "{run}", "Requests and calls that have ended.");
        source.CreateObservableCounter("windhover.cpu.time", () => Each(s => s.Cpu.TotalSeconds), "s", "Processor time of guests.");
        source.CreateObservableCounter("windhover.memory.time", () => Each(s => s.MemoryByteSeconds), "By.s", "Linear memory of guests times wall time.");
        source.CreateObservableCounter("windhover.bytes.out", () => Each(s => s.BytesOut), "By", "Bytes that guests sent.");
        source.CreateObservableCounter("windhover.bytes.in", () => Each(s => s.BytesIn), "By", "Bytes that guests were sent.");
        source.CreateObservableUpDownCounter("windhover.budget.used", () => EachBudget(u => u.Used, BudgetScope.Total), null, "What is held of a budget.");
        source.CreateObservableGauge("windhover.budget.limit", () => EachBudget(u => u.Limit, null), null, "The limit of a budget; one that has none is left out.");
        source.CreateObservableCounter("windhover.budget.rejections", () => EachBudget(u => u.Rejected, null), null, "How often a budget refused or stopped something.");
        return source;
    }

    private static IEnumerable<Measurement<T>> Each<T>(Func<BudgetSnapshot, T> value)
        where T : struct
    {
        foreach (var (meter, tags) in s_meters)
            yield return new Measurement<T>(value(meter.Snapshot()), tags);
    }

    private static IEnumerable<Measurement<long>> EachBudget(Func<BudgetUse, long> value, BudgetScope? scope)
    {
        foreach (var (meter, tags) in s_meters)
        {
            foreach (var use in meter.Snapshot().Budgets)
            {
                var entry = Budget.Entry(use.Kind);
                var number = value(use);
                if ((scope is not null && entry.Scope != scope) || number == Budget.Unlimited)
                    continue;
                KeyValuePair<string, object?>[] all = [.. tags, new("budget", entry.Key)];
                yield return new Measurement<long>(number, all);
            }
        }
    }
}
