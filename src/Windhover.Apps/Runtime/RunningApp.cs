using Windhover.Apps.Manifest;
using Windhover.Engine;

namespace Windhover.Apps.Runtime;

// One version of an app. Requests enter and leave it; a version that was replaced takes no more, and is freed when the last one left:
//
//   TryEnter  ok ──► request ──► Leave          Retire: no new one enters (the caller looks for the new version), wait for the last, at most so long,
//             no ──► replaced: look again               then free code, grants and directories
//
// Nothing of an app is loaded before its first request: an idle app is its manifest and its routes.
internal sealed class RunningApp
{
    private const int Retired = 1 << 30;

    private readonly Lazy<TaskCompletionSource> _empty = new(() => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    private readonly Dictionary<string, ComponentUnit> _units;
    private int _inside;

    public RunningApp(AppManifest manifest, int version, AppStats stats, BudgetMeter? tenant, AppServices services)
    {
        Manifest = manifest;
        Version = version;
        Stats = stats;
        Meter = new BudgetMeter(manifest.Name, manifest.Budget, tenant);
        _units = new Dictionary<string, ComponentUnit>(manifest.Components.Count, StringComparer.Ordinal);
        foreach (ComponentManifest component in manifest.Components.Values)
            _units.Add(component.Name, new ComponentUnit(this, component, services));
    }

    public AppManifest Manifest { get; }

    public string Name => Manifest.Name;

    public int Version { get; }

    public AppStats Stats { get; }

    public BudgetMeter Meter { get; }

    public IEnumerable<ComponentUnit> Units => _units.Values;

    public ComponentUnit Unit(string component) => _units[component];

    public bool IsLoaded => _units.Values.Any(u => u.Loaded is not null);

    public bool TryEnter()
    {
        if ((Interlocked.Increment(ref _inside) & Retired) == 0)
            return true;
        Leave();
        return false;
    }

    public void Leave()
    {
        if (Interlocked.Decrement(ref _inside) == Retired)
            _empty.Value.TrySetResult();
    }

    /// <summary>Waits for the requests under way, then frees the app. Those that take longer than the limit are left alone: their code is freed with the process.</summary>
    /// <returns>Whether all were done in time.</returns>
    public async Task<bool> RetireAsync(TimeSpan limit, TimeProvider time)
    {
        int before = Interlocked.Or(ref _inside, Retired);
        if ((before & Retired) != 0)
            return true;
        if (before != 0)
        {
            try
            {
                await _empty.Value.Task.WaitAsync(limit, time).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                return false;
            }
        }

        foreach (ComponentUnit unit in _units.Values)
            await unit.DisposeAsync().ConfigureAwait(false);
        return true;
    }
}
