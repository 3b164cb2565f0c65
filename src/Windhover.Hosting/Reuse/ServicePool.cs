using Windhover.Components.Linking;
using Windhover.Hosting.Apps;
using Windhover.Wasi.P3;

namespace Windhover.Hosting.Reuse;

// The instances of a 0.3 service:
//
//   request ─► Enter: an idle instance, else the one that was used last and has room, else a new one ─► … ─► Leave: has room again, or ─► retired ─► disposed with its last request
//                                                                                                      ▲ served enough, trapped, timed out, idle
//
// The one used last comes first, so that few instances stay busy and the others become idle and go. Up to two instances a processor are made before requests share one:
// a request that never waits then runs on its own thread from beginning to end.
internal sealed class ServicePool(ComponentApp app) : IDisposable
{
    private static readonly int s_spread = 2 * Environment.ProcessorCount;

    private readonly object _gate = new();
    private readonly List<ServiceInstance> _offered = []; // a stack: the last is taken first
    private readonly List<ServiceInstance> _ended = []; // to be disposed outside of the lock
    private int _making;
    private ITimer? _sweep;
    private bool _disposed;

    /// <summary>Instances alive: for tests and metrics.</summary>
    public int Count { get; private set; }

    /// <summary>An instance with room for one request, which counts as under way from now on.</summary>
    /// <exception cref="Engine.ResourceLimitException">There can be no more instances.</exception>
    public ServiceInstance Enter()
    {
        ServiceInstance? found;
        ServiceInstance[] ended;
        lock (_gate)
        {
            found = TakeOrReserve();
            ended = TakeEnded();
        }

        foreach (ServiceInstance instance in ended)
            instance.Dispose();
        return found ?? Make();
    }

    // Null: the caller makes one, and its place is taken before that, so that who comes meanwhile does not make one too.
    private ServiceInstance? TakeOrReserve()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Find(canMakeMore: true) is { } found)
            return Take(found);
        Count++;
        _making++;
        return null;
    }

    // What was found to have ended: disposed of outside of the lock.
    private ServiceInstance[] TakeEnded()
    {
        if (_ended.Count == 0)
            return [];
        ServiceInstance[] ended = [.. _ended];
        _ended.Clear();
        return ended;
    }

    /// <summary>The one whose place was taken before.</summary>
    private ServiceInstance Make()
    {
        ServiceInstance made;
        try
        {
            made = new ServiceInstance(app); // outside of the lock: microseconds, or what a start function takes, or an exception
        }
        catch (Exception error)
        {
            lock (_gate)
            {
                Count--;
                IsMade();
                if (error is Engine.ResourceLimitException or Engine.BudgetExceededException && FindOrWait() is { } other)
                    return other;
            }

            throw;
        }

        lock (_gate)
        {
            IsMade();
            Offer(made);
            return Take(made);
        }
    }

    private void IsMade()
    {
        _making--;
        Monitor.PulseAll(_gate);
    }

    // There is no room for another: one of those that there are takes the request too, or that others make at this moment.
    private ServiceInstance? FindOrWait()
    {
        while (true)
        {
            if (Find(canMakeMore: false) is { } found)
                return Take(found);
            if (_making == 0 || _disposed)
                return null;
            Monitor.Wait(_gate);
        }
    }

    /// <summary>A request is over.</summary>
    /// <param name="instance">Where it ran.</param>
    /// <param name="failed">The instance is of no use any more.</param>
    public void Leave(ServiceInstance instance, bool failed)
    {
        bool ended;
        lock (_gate)
        {
            instance.Running--;
            if (failed || _disposed || instance.Served >= app.Options.MaxRequestsPerInstance)
                Retire(instance);
            else if (!instance.IsRetired)
                Offer(instance);
            ended = instance is { IsRetired: true, Running: 0 };
            if (ended)
                Count--;
            else if (instance.Running == 0)
                Idle(instance);
        }

        if (ended)
            instance.Dispose();
    }

    /// <summary>The same, as what stands behind a middleware component asks for it.</summary>
    public ValueTask<HttpLease> LeaseAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult<HttpLease>(new Lease(this, Enter()));
    }

    public void Dispose()
    {
        ServiceInstance[] idle;
        lock (_gate)
        {
            _disposed = true;
            Monitor.PulseAll(_gate);
            _sweep?.Dispose();
            idle = [.. _offered.Where(i => i.Running == 0)];
            _offered.Clear();
            Count -= idle.Length;
            idle = [.. idle, .. TakeEnded()];
        }

        foreach (ServiceInstance instance in idle)
            instance.Dispose();
    }

    // An idle one, whose turns nobody else runs, before one that is busy; few processors run few instances at a time, so few are made for that.
    private ServiceInstance? Find(bool canMakeMore)
    {
        ServiceInstance? last = null;
        for (int i = _offered.Count - 1; i >= 0; i--)
        {
            ServiceInstance instance = _offered[i];
            if (instance.Instance.HasEnded)
            {
                Retire(instance);
                if (instance.Running == 0) // it trapped after its last answer: nobody will leave it
                {
                    Count--;
                    _ended.Add(instance);
                }

                continue;
            }

            if (instance.Running == 0)
                return instance;
            last ??= instance;
            if (_offered.Count - i > s_spread)
                break;
        }

        return canMakeMore && Count < s_spread ? null : last;
    }

    private ServiceInstance Take(ServiceInstance instance)
    {
        instance.Running++;
        instance.Served++;
        if (instance.Served >= app.Options.MaxRequestsPerInstance)
            Retire(instance);
        else if (instance.Running >= app.Options.MaxConcurrentRequestsPerInstance)
            Withdraw(instance);
        return instance;
    }

    private void Offer(ServiceInstance instance)
    {
        if (instance.IsOffered)
            return;
        instance.IsOffered = true;
        _offered.Add(instance);
    }

    private void Withdraw(ServiceInstance instance)
    {
        if (!instance.IsOffered)
            return;
        instance.IsOffered = false;
        _offered.Remove(instance);
    }

    private void Retire(ServiceInstance instance)
    {
        instance.IsRetired = true;
        Withdraw(instance);
    }

    private void Idle(ServiceInstance instance)
    {
        instance.IdleSince = app.Time.GetTimestamp();
        _sweep ??= app.Time.CreateTimer(static pool => ((ServicePool)pool!).Sweep(), this, app.Options.InstanceIdleTime, app.Options.InstanceIdleTime);
    }

    private void Sweep()
    {
        List<ServiceInstance> idle = [];
        lock (_gate)
        {
            foreach (ServiceInstance instance in _offered)
            {
                if (instance.Running == 0 && app.Time.GetElapsedTime(instance.IdleSince) >= app.Options.InstanceIdleTime)
                    idle.Add(instance);
            }

            foreach (ServiceInstance instance in idle)
                Retire(instance);
            Count -= idle.Count;
            if (Count == 0)
            {
                _sweep?.Dispose();
                _sweep = null;
            }
        }

        foreach (ServiceInstance instance in idle)
            instance.Dispose();
    }

    private sealed class Lease(ServicePool pool, ServiceInstance instance) : HttpLease
    {
        public override ComponentInstance Instance => instance.Instance;

        public override void Release(bool failed) => pool.Leave(instance, failed);
    }
}
