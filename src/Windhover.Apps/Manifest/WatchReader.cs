using Windhover.Apps.Toml;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Manifest;

// Reads what watches stores:
//
//   [[watch]]
//   store = "sessions"         a key-value store that the app declares ([key-value.sessions]) or a component of it is granted (key-value = ["sessions"])
//   component = "index"        which exports wasi:keyvalue/watcher or wasmcloud:keyvalue/watcher: Runtime/ComponentKind looks
//   keys = "user/*"            all, where left out
//   queue = 1000               changes that may wait
//   queue-memory = "16MiB"     bytes of them
internal sealed class WatchReader(IReadOnlyDictionary<string, ComponentManifest> components, ResourceReader resources)
{
    private const string KeyValue = "key-value";
    private const int MaxQueue = 100_000;

    private readonly TriggerReader _triggers = new(components);

    public List<WatchTrigger> ReadAll(StrictTable root)
    {
        var all = new List<WatchTrigger>();
        foreach (StrictTable table in root.Tables("watch"))
        {
            WatchTrigger watch = Read(table);
            if (all.Any(w => (w.Store, w.Component, w.Keys) == (watch.Store, watch.Component, watch.Keys)))
                throw new ManifestException(table.Place, $"`{watch.Component}` watches the keys `{watch.Keys}` of `{watch.Store}` twice");
            all.Add(watch);
        }

        return all;
    }

    private WatchTrigger Read(StrictTable table)
    {
        string store = table.RequiredText("store");
        Place place = table.ValuePlace("store");
        string component = _triggers.Component(table);
        string keys = table.Text("keys") ?? "*";
        if (keys.Length == 0 || keys.IndexOf('*', StringComparison.Ordinal) is >= 0 and var star && star < keys.Length - 1)
            throw table.Wrong("keys", "a key, or the beginning of keys with a `*` after it");
        if (!resources.Context.Capabilities.OfType<IWatchCapability>().Any(c => c.Name == KeyValue))
            throw new ManifestException(table.Place, $"this server has no capability `{KeyValue}` that can be watched");
        CapabilityResource resource = resources.Find(KeyValue, store, components.Values) ?? throw new ManifestException(
            place,
            $"there is no key-value store `{store}`{Nearest.Hint(store, Names())}; declare it, [key-value.{store}], or grant it to a component, `key-value = [\"{store}\"]`");
        CheckWriters(store, resource, place);
        var watch = new WatchTrigger(table.Place, store, component, keys, resources.Request(component, [resource]), resource)
        {
            Queue = table.Number("queue", 1000, 1, MaxQueue),
            QueueBytes = Size(table, "queue-memory", 16 << 20),
        };
        table.Finish();
        return watch;
    }

    private string[] Names() =>
        [.. resources.NamesOf(KeyValue).Concat(components.Values.SelectMany(c => c.Capabilities.GetValueOrDefault(KeyValue)?.Resources.Select(r => r.Name) ?? [])).Distinct()];

    // An embedded store tells who watches from the process that writes; another one's changes it cannot see.
    private void CheckWriters(string store, CapabilityResource resource, Place place)
    {
        ComponentManifest? far = components.Values.FirstOrDefault(c => c.Run.Isolation == IsolationLevel.Process
            && c.Capabilities.GetValueOrDefault(KeyValue)?.Resources.Any(r => r.Name == store) == true);
        if (far is not null && resource.Backend == "sqlite")
        {
            throw new ManifestException(
                place,
                $"what `{far.Name}` changes in `{store}` cannot be told: it has a process of its own (`isolation = \"process\"`), and the store is embedded; give the store the backend \"redis\", or the component `isolation = \"instance\"`");
        }
    }

    private static long Size(StrictTable table, string key, long otherwise)
    {
        if (table.Text(key) is not { } text)
            return otherwise;
        try
        {
            return Budget.Entry(BudgetKind.HostMemory).Parse(text);
        }
        catch (BudgetFormatException)
        {
            throw table.Wrong(key, "a size such as \"16MiB\"");
        }
    }
}
