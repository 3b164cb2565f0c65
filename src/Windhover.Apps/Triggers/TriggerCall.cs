using System.Diagnostics;
using Windhover.Apps.Manifest;
using Windhover.Hosting.Messaging;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Triggers;

/// <summary>Something that a component is to do, without an HTTP client waiting for it.</summary>
/// <param name="Kind"><c>cron</c>, <c>queue</c>, <c>watch</c> or <c>start</c>.</param>
/// <param name="Path">For handlers: the path of the request that tells it.</param>
/// <param name="Arguments">For commands.</param>
/// <param name="Headers">For handlers; commands get them as variables.</param>
/// <param name="Body">The content.</param>
internal sealed record TriggerCall(string Kind, string Path, IReadOnlyList<string> Arguments, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The message, for components that handle messages.</summary>
    public Message? Message { get; init; }

    public string? Topic { get; init; }

    /// <summary>The change, and where it comes from, for components that are told of changes.</summary>
    public (WatchQueue Queue, StoreChange Change)? Change { get; init; }

    /// <summary>The trace that it continues, of whoever sent the message.</summary>
    public ActivityContext Trace { get; init; }

    /// <summary>The traces of a batch, which belongs to all of them and continues none.</summary>
    public IReadOnlyList<ActivityLink> Links { get; init; } = [];

    public static TriggerCall ForStart(StartTrigger start) => new("start", "/", start.Arguments, [new("windhover-trigger", "start")], default);

    public static TriggerCall ForChange(WatchQueue queue, StoreChange change) => new("watch", "/", [], [], default) { Change = (queue, change), Trace = change.Trace };

    public static TriggerCall ForCron(CronTrigger cron, DateTimeOffset due) => new(
        "cron", cron.Path, cron.Arguments,
        [new("windhover-trigger", "cron"), new("windhover-cron-name", cron.Name), new("windhover-cron-due", due.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture))],
        default);
}

/// <summary>How a run ended.</summary>
internal sealed record RunOutcome(bool Ok, string? Error)
{
    public static RunOutcome Done { get; } = new(true, null);

    public static RunOutcome Failed(string error) => new(false, error);
}
