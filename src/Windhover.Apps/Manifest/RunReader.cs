using Windhover.Apps.Toml;
using Windhover.Hosting.Apps;

namespace Windhover.Apps.Manifest;

// Reads how a component runs; the app can say it for all of its components, a component for itself:
//
//   isolation = "process"                                       instance | process
//   reuse = { requests = 1000, concurrent = 100, idle = "10s" } services of WASI 0.3; what is left out is as shown
//
// Whether a component can do what is asked of it, its exports decide: Runtime/ComponentKind.
internal static class RunReader
{
    private const int MostRequests = 1_000_000_000;
    private const int MostConcurrent = 10_000;

    private static readonly TimeSpan s_leastIdle = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_mostIdle = TimeSpan.FromDays(1);

    /// <summary>What an app says for its components.</summary>
    public static RunManifest ReadApp(StrictTable root) => Read(root, RunManifest.Default) with { ReusePlace = default };

    /// <summary>What a component says.</summary>
    public static RunManifest Read(StrictTable table, RunManifest above)
    {
        string? isolation = table.Choice("isolation", "", "instance", "process");
        StrictTable? reuse = table.Table("reuse");
        RunManifest run = above with { ReusePlace = default };
        if (isolation.Length > 0)
            run = run with { Isolation = isolation == "process" ? IsolationLevel.Process : IsolationLevel.Instance, IsolationPlace = table.ValuePlace("isolation") };
        if (reuse is not null)
            run = run with { Reuse = ReadReuse(reuse), ReusePlace = table.ValuePlace("reuse") };
        return run;
    }

    /// <summary>A process of its own has no part in the memory of the server's.</summary>
    public static void CheckGrants(ComponentManifest component)
    {
        if (component.Run.Isolation != IsolationLevel.Process)
            return;
        if (component.Capabilities.TryGetValue(ResourceReader.Messaging, out Hosting.Capabilities.CapabilityRequest? messaging)
            && messaging.Resources.FirstOrDefault(r => r.Backend == "memory") is { } topic)
        {
            throw new ManifestException(
                component.Run.IsolationPlace,
                $"the topic `{topic.Name}` is in the memory of the server's process, and `{component.Name}` has one of its own (`isolation = \"process\"`); give the topic a backend such as \"redis\" or \"postgres\"");
        }
    }

    private static ReuseManifest ReadReuse(StrictTable table)
    {
        var reuse = new ReuseManifest(
            table.Number("requests", 1000, 1, MostRequests),
            table.Number("concurrent", 100, 1, MostConcurrent),
            table.Time("idle", s_leastIdle, s_mostIdle) ?? TimeSpan.FromSeconds(10));
        table.Finish();
        return reuse;
    }
}
