using Windhover.Apps.Manifest;
using Windhover.Apps.Triggers;
using Windhover.Engine;

namespace Windhover.Apps.Runtime;

// One version of an app. Requests enter and leave it; a version that was replaced takes no more, and is freed when the last one left:
//
//   TryEnter  ok ──► request ──► Leave          Retire: no new one enters (the caller looks for the new version), wait for the last, at most so long,
//             no ──► replaced: look again               then free code, grants and directories
//
// Nothing of an app is loaded before its first request: an idle app is its manifest and its routes. One that idles for long becomes that again:
//
//   TrySleep  nobody inside ──► who comes now waits for a moment ──► take out what is loaded ──► all may go on, and load anew ──► free what was taken out
//             somebody is  ──► false
internal sealed class RunningApp
{
    private const int Retired = 1 << 30;
    private const int FallingAsleep = 1 << 29;

    private readonly Lazy<TaskCompletionSource> _empty = new(() => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    private readonly Dictionary<string, ComponentUnit> _units;
    private int _inside;
    private bool _used = true;
    private long _idleSince;

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

    /// <summary>The stores that it watches, while it serves.</summary>
    public IReadOnlyCollection<WatchQueue> Watching { get; set; } = [];

    public IEnumerable<ComponentUnit> Units => _units.Values;

    public ComponentUnit Unit(string component) => _units[component];

    public bool IsLoaded => _units.Values.Any(u => u.Loaded is not null);

    /// <summary>Whether <see cref="TrySleepAsync"/> may find something to do: a component is loaded, or could not be.</summary>
    public bool IsAwake => _units.Values.Any(u => u.IsAwake);

    public bool TryEnter()
    {
        int inside = Interlocked.Increment(ref _inside);
        return inside < FallingAsleep || TryEnterSlowly(inside);
    }

    public void Leave()
    {
        // Read before it is written: the look for idle apps clears it once in a while, and requests on all processors share this line of the cache.
        if (!Volatile.Read(ref _used))
            Volatile.Write(ref _used, true);
        LeaveUnused();
    }

    /// <summary>As <see cref="Leave"/>, for who looked at the app and did not use it: that keeps it awake no longer than it takes.</summary>
    public void LeaveUnused()
    {
        if (Interlocked.Decrement(ref _inside) == Retired)
            _empty.Value.TrySetResult();
    }

    /// <summary>How long nobody has used it, as far as this can be told by who asks time and again: since the first call after its last use.</summary>
    public TimeSpan IdleFor(TimeProvider time)
    {
        if (Volatile.Read(ref _used))
        {
            Volatile.Write(ref _used, false);
            _idleSince = time.GetTimestamp();
        }

        return time.GetElapsedTime(_idleSince);
    }

    /// <summary>
    /// Frees what is loaded, and forgets what could not be loaded, unless somebody is inside: the next request finds the app as its first one did. Components in a process of their
    /// own stay, and those with instances that their idle time keeps.
    /// </summary>
    /// <returns>Whether anything was freed.</returns>
    public async ValueTask<bool> TrySleepAsync()
    {
        if (Interlocked.CompareExchange(ref _inside, FallingAsleep, 0) != 0)
            return false;
        var freed = new List<LoadedComponent>(_units.Count);
        foreach (ComponentUnit unit in _units.Values)
        {
            if (unit.TakeOut() is { } loaded)
                freed.Add(loaded);
        }

        // Whoever waits goes on from here; a new version may have taken over meanwhile, and then its RetireAsync waits too.
        if (Interlocked.Add(ref _inside, -FallingAsleep) == Retired)
            _empty.Value.TrySetResult();
        foreach (LoadedComponent loaded in freed)
            await loaded.DisposeAsync().ConfigureAwait(false);
        return freed.Count > 0;
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

    private bool TryEnterSlowly(int inside)
    {
        if ((inside & Retired) != 0)
        {
            LeaveUnused();
            return false;
        }

        // It takes microseconds until the components are taken out.
        var wait = new SpinWait();
        while ((Volatile.Read(ref _inside) & FallingAsleep) != 0)
            wait.SpinOnce();
        return true;
    }
}
