using System.Diagnostics;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;

namespace Windhover.Hosting.Reuse;

/// <summary>
/// One instance of a 0.3 service with its store: many requests at a time, some number in its life. Counts are the pool's, under its lock.
/// </summary>
internal sealed class ServiceInstance : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly GuestContext _guest;
    private readonly Store _store;
    private readonly TimeSpan _timeout;
    private readonly BudgetMeter _meter;
    private readonly long _made = Stopwatch.GetTimestamp();
    private long _armed;
    private ThreadClock? _clock; // of the thread whose turns run
    private long _clockStart;
    private long _memoryTime; // told to the meter so far
    private long _bytesOut;

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

    public void Dispose()
    {
        _ended.Cancel();
        Account(0);
        Instance.Dispose();
        _store.Dispose();
        _guest.Dispose();
        _ended.Dispose();
    }

    // A request's own wall time is its token's matter. The deadline stops a turn that never ends, so it is set anew as turns go by: not at each one, but often
    // enough to leave a whole timeout to whoever begins last.
    private void BeginTurns()
    {
        _store.EndWait();
        _clock = ThreadClock.Current;
        _clockStart = _clock.Now();
        if (_timeout != Timeout.InfiniteTimeSpan && Stopwatch.GetElapsedTime(_armed) > _timeout / 4)
            Arm();
    }

    private void EndTurns()
    {
        // Turns end on the thread where they began, but for a call that the host makes within another.
        Account(ReferenceEquals(_clock, ThreadClock.Current) ? _clock.Now() - _clockStart : 0);
        _clock = null;
        _store.BeginWait(Instance.MemoryBytes); // what it could grow by is for those who run
    }

    // Requests share the instance, so what it costs is the app's and not a request's.
    private void Account(long cpu)
    {
        long memoryTime = (long)(Instance.MemoryBytes / 1024d * Stopwatch.GetElapsedTime(_made).TotalMilliseconds);
        long bytesOut = _guest.BytesOut;
        _meter.Add(0, new TimeSpan(cpu), memoryTime - _memoryTime, bytesOut - _bytesOut, 0);
        (_memoryTime, _bytesOut) = (memoryTime, bytesOut);
    }

    private void Arm()
    {
        _armed = Stopwatch.GetTimestamp();
        _store.SetDeadline(_timeout == Timeout.InfiniteTimeSpan ? _timeout : _timeout * 1.25);
    }
}
