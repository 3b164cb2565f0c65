using System.Diagnostics.Metrics;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>Counts what guests told and nobody gets to see: <c>windhover.guest.telemetry.dropped</c>, with the tags <c>app</c>, <c>what</c> and <c>reason</c>.</summary>
internal static class TelemetryDrops
{
    public const string InstrumentName = "windhover.guest.telemetry.dropped";

    private static readonly Meter s_meter = new(Engine.BudgetMetrics.MeterName);

    private static readonly Counter<long> s_dropped = s_meter.CreateCounter<long>(InstrumentName, null, "Spans, metrics and log records of guests that were dropped.");

    public static void Add(string app, string what, string reason, long count = 1)
    {
        if (s_dropped.Enabled)
            s_dropped.Add(count, new("app", app), new("what", what), new("reason", reason));
    }
}
