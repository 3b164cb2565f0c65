using System.Diagnostics;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Reuse;

/// <summary>
/// One instance of a 0.3 service with its store: many requests at a time, some number in its life. Counts are the pool's, under its lock.
/// </summary>
internal sealed class ServiceInstance : ILongRun, IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly GuestContext _guest;
    private readonly Store _store;
    private readonly Lock _taking = new();
    private readonly BudgetMeter _meter;
    private readonly TimeSpan _timeout;
    private readonly long _made = Stopwatch.GetTimestamp();
    private long _armed;
    private long _bytesOut;
    private CpuWatch? _watch; // of the turns that run
    private long _cpuTicks;
    private bool _isCompensated;

    public ServiceInstance(ComponentApp app)
    {
        _meter = app.Meter;
        _timeout = app.Meter.Budget.Cpu < app.Meter.Budget.Wall ? app.Meter.Budget.Cpu : app.Meter.Budget.Wall;
        _guest = new GuestContext(app.Name, app.Wasi, app.Grants, null, _ended.Token, app.Next);
        try
        {
            _store = new Store(app.Host.Engine, MemoryLease.Take(app.Meter, app.Memory));
            Arm();
            Instance = app.Instantiate(_store, _guest);
            Instance.BeforeTurns = BeginTurns;
            _guest.Instance = Instance;
            Instance.AfterTurns = EndTurns;
            Instance.ExpectsCalls = true;
        }
        catch
        {
            _store?.Dispose();
            _guest.Dispose();
            throw;
        }
    }

    public ComponentInstance Instance { get; }

    /// <summary>Requests under way.</summary>
    public int Running { get; set; }

    /// <summary>Requests so far, those under way included.</summary>
    public int Served { get; set; }

    /// <summary>Takes no more requests.</summary>
    public bool IsRetired { get; set; }

    /// <summary>Whether the pool offers it to the next request.</summary>
    public bool IsOffered { get; set; }

    /// <summary>When its last request ended.</summary>
    public long IdleSince { get; set; }

    /// <summary>Processor time and bytes sent since this was last asked: they are charged to the request that ends, whichever of the instance's used them.</summary>
    public (TimeSpan Cpu, long BytesOut) TakeUse()
    {
        lock (_taking)
        {
            long before = _bytesOut;
            _bytesOut = _guest.BytesOut;
            return (TimeSpan.FromTicks(Interlocked.Exchange(ref _cpuTicks, 0)), _bytesOut - before);
        }
    }

    /// <summary>Ends it when its turns are over: another thread may run some after its last request has been answered, and does it then.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        Instance.DisposeWhenIdle(Release);
    }

    private void Release()
    {
        long memoryTime = (long)(Instance.MemoryBytes / 1024d * Stopwatch.GetElapsedTime(_made).TotalMilliseconds);
        (TimeSpan cpu, long bytesOut) = TakeUse();
        _meter.Add(0, cpu, memoryTime, bytesOut, 0); // what no request was charged with
        _store.Dispose();
        _guest.Dispose();
        _ended.Dispose();
    }

    // A request's own wall time is its token's matter. The deadline stops a turn that never ends, so it is set anew as turns go by: not at each one, but often
    // enough to leave a whole timeout to whoever begins last.
    private void BeginTurns()
    {
        _watch = CpuWatch.Start(Timeout.InfiniteTimeSpan, this);
        _store.EndWait();
        if (_timeout != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(_armed) > _timeout / 4)
            Arm();
    }

    private void EndTurns()
    {
        _store.BeginWait(Instance.MemoryBytes); // what it could grow by is for those who run
        Interlocked.Add(ref _cpuTicks, _watch!.Stop().Ticks);
        if (!_isCompensated)
            return;
        _isCompensated = false;
        PoolCompensation.Leave();
    }

    /// <summary>A turn computes for long, on a thread of the server's pool, which has another one meanwhile.</summary>
    void ILongRun.IsLong()
    {
        _isCompensated = true;
        PoolCompensation.Enter();
    }

    private void Arm()
    {
        _armed = Stopwatch.GetTimestamp();
        _store.SetDeadline(_timeout == Timeout.InfiniteTimeSpan ? _timeout : _timeout * 1.25);
    }
}
