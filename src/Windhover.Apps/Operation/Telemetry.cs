using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Windhover.Apps.Operation;

/// <summary>
/// Names under which the server tells what it does (docs/apps.md, "Operation"): spans for guests and calls between apps, and counters with the tag <c>app</c>. Without a listener
/// they cost a check.
/// </summary>
internal static class Telemetry
{
    public const string Name = "Windhover";

    public static readonly ActivitySource Source = new(Name);

    private static readonly Meter s_meter = new(Name);

    public static readonly Counter<long> Requests = s_meter.CreateCounter<long>("windhover.requests", "{request}", "Requests answered by guests.");

    public static readonly Histogram<double> Duration = s_meter.CreateHistogram<double>("windhover.request.duration", "s", "Time from a request's arrival at an app to the end of its answer.");

    public static readonly Counter<long> Runs = s_meter.CreateCounter<long>("windhover.runs", "{run}", "Runs by cron, queues and start, by trigger and outcome.");

    public static readonly Counter<long> DeadLetters = s_meter.CreateCounter<long>("windhover.dead_letters", "{message}", "Messages that were given up.");
}
