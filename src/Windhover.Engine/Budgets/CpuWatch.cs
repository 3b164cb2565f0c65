using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Windhover.Engine;

// Processor time is not wall time: a guest that waits, or whose thread has to share its core, uses less. So whoever runs a guest starts a watch on its
// thread, and one timer for the process looks at the clocks of those threads:
//
//   run       Start: note the thread's clock          Stop: the difference is what the run has cost
//   timer     every 10 ms while a watch runs:         wall time below the limit?  nothing to look at, since processor time is never more
//                                                     else read the thread's clock; over the limit: cancel the token, which stops the guest
//
// A run that has used exactly its limit is not over it, by the clock's own grain (100 ns here); one that goes on is seen at the next look, so it may use up to
// 10 ms more before it is stopped.
//
// The same timer finds runs that compute for long (5 ms) and tells whoever wants to know.
//
// A host function may run another guest on its caller's thread (a call between apps). That run has a watch of its own; the caller's stands still meanwhile, so each
// pays for itself and keeps its limit:
//
//   caller   ──────┐ paused              ┌──────►
//   callee         └─ Start ──── Stop ───┘
//
// A watch belongs to its thread, and to its depth there, and is used again; it allocates nothing. Reading the thread's clock is a call of the kernel (0.3 to 0.7 µs), so a run
// of less than 100 µs is charged its wall time, which is never less, and a run may begin with a reading up to 200 µs old, but is never charged more than its wall time.

/// <summary>Watches the processor time of what the calling thread does, from <see cref="Start(TimeSpan)"/> to <see cref="Stop"/>, less what runs that begin and end within it use.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "The source lives as long as its thread; without a timer it holds nothing that is not memory.")]
public sealed class CpuWatch
{
    private const int PeriodMilliseconds = 10;
    private static readonly long s_fresh = Stopwatch.Frequency / 5000;
    private const long Short = 100 * TimeSpan.TicksPerMicrosecond;
    private const long Long = 5 * TimeSpan.TicksPerMillisecond;

    private static readonly Lock s_lock = new();
    private static readonly Lock s_looking = new();
    private static readonly List<WeakReference<CpuWatch>> s_all = [];
    private static readonly Timer s_timer = new(static _ => LookAtAll());
    private static bool s_ticking;

    [ThreadStatic]
    private static CpuWatch? t_current;

    private readonly ThreadClock _clock = ThreadClock.Current;
    private readonly Lock _gate = new();
    private CancellationTokenSource _over = new();
    private long _limit;
    private long _startWall;
    private long _startCpu;
    private bool _running;
    private ILongRun? _observer;
    private bool _isLong;
    private readonly CpuWatch? _outer; // whose run this one is within
    private CpuWatch? _inner; // for the next run within this one
    private long _pausedWall;

    private CpuWatch(CpuWatch? outer) => _outer = outer;

    /// <summary>Fires when the time is used up. Good until <see cref="Stop"/>.</summary>
    public CancellationToken Token => _over.Token;

    /// <summary>Whether the time was used up.</summary>
    public bool IsOver => _over.IsCancellationRequested;

    /// <summary>Starts the watch of the calling thread.</summary>
    /// <param name="limit">Processor time; <see cref="Timeout.InfiniteTimeSpan"/> only measures.</param>
    public static CpuWatch Start(TimeSpan limit) => Start(limit, null);

    /// <summary>The same, and tells when the run is a long one.</summary>
    internal static CpuWatch Start(TimeSpan limit, ILongRun? observer)
    {
        var watch = t_current ??= Create(null);
        if (watch._running)
        {
            watch.Pause();
            watch = t_current = watch._inner ??= Create(watch);
        }

        lock (watch._gate)
        {
            if (!watch._over.TryReset())
                watch._over = new CancellationTokenSource();
            watch._limit = limit == Timeout.InfiniteTimeSpan ? long.MaxValue : limit.Ticks;
            watch._startWall = Stopwatch.GetTimestamp();
            watch._startCpu = watch._clock.Recent(watch._startWall, s_fresh);
            watch._observer = observer;
            watch._isLong = false;
            watch._running = true;
        }

        // Either this run sees that the timer has stopped, or the timer's last look sees this run.
        Interlocked.MemoryBarrier();
        if (!Volatile.Read(ref s_ticking))
            Tick();
        return watch;
    }

    /// <summary>Stops it.</summary>
    /// <returns>The processor time used since <see cref="Start(TimeSpan)"/>.</returns>
    public TimeSpan Stop()
    {
        lock (_gate)
        {
            _running = false;
            _observer = null;
        }

        var now = Stopwatch.GetTimestamp();
        var wall = Stopwatch.GetElapsedTime(_startWall, now).Ticks;
        var used = wall < Short ? wall : Math.Clamp(_clock.Read(now) - _startCpu, 0, wall);
        if (_outer is not null)
        {
            t_current = _outer;
            _outer.Resume(now, used);
        }

        return new TimeSpan(used);
    }

    private void Pause()
    {
        lock (_gate)
        {
            _running = false;
            _pausedWall = Stopwatch.GetTimestamp();
        }
    }

    private void Resume(long now, long usedMeanwhile)
    {
        lock (_gate)
        {
            _startCpu += usedMeanwhile; // what the other was charged, so that no time is charged twice or not at all
            _startWall += now - _pausedWall;
            _running = true;
        }
    }

    private static CpuWatch Create(CpuWatch? outer)
    {
        var watch = new CpuWatch(outer);
        lock (s_lock)
        {
            s_all.RemoveAll(static w => !w.TryGetTarget(out _));
            s_all.Add(new WeakReference<CpuWatch>(watch));
        }

        return watch;
    }

    private static CpuWatch[] All()
    {
        lock (s_lock)
            return [.. s_all.Select(static w => w.TryGetTarget(out var watch) ? watch : null).OfType<CpuWatch>()];
    }

    private static void LookAtAll()
    {
        if (!s_looking.TryEnter())
            return; // the look before this one is not over
        try
        {
            var runs = false;
            foreach (var watch in All())
                runs |= watch.Look();
            if (runs)
                return;
            s_timer.Change(Timeout.Infinite, Timeout.Infinite);
            Volatile.Write(ref s_ticking, false);
            Interlocked.MemoryBarrier();
            if (Array.Exists(All(), static w => Volatile.Read(ref w._running)))
                Tick(); // one started in between
        }
        finally
        {
            s_looking.Exit();
        }
    }

    private static void Tick()
    {
        Volatile.Write(ref s_ticking, true);
        s_timer.Change(PeriodMilliseconds, PeriodMilliseconds);
    }

    /// <summary>Whether a run is under way.</summary>
    private bool Look()
    {
        // Cancelled under the lock: else the run could end meanwhile, and the token that fires be the next one's.
        lock (_gate)
        {
            if (!_running)
                return false;
            var wall = Stopwatch.GetElapsedTime(_startWall).Ticks;
            if (wall > _limit)
                Look(Math.Min(_clock.Now() - _startCpu, wall));
            if (!_isLong && wall > Long && _clock.Now() - _startCpu > Long)
            {
                _isLong = true;
                _observer?.IsLong();
            }

            return true;
        }
    }

    /// <summary>Fires the token when that much processor time, in ticks, is more than the limit.</summary>
    internal void Look(long used)
    {
        if (used > _limit && !_over.IsCancellationRequested)
            _over.Cancel();
    }
}
