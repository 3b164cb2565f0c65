using System.Diagnostics;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>
/// Advances the engine's epoch on a thread of its own (not a timer: guests may occupy every thread of the pool). It ticks while a
/// store has a deadline and for a second after the last one, then parks: an idle server makes no wake-ups.
/// </summary>
internal sealed class EpochTicker : IDisposable
{
    private readonly EngineHandle _engine;
    private readonly TimeSpan _tick;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(false);
    private Thread? _thread;
    private int _deadlines;
    private int _parked = 1;
    private volatile bool _stopping;

    public EpochTicker(EngineHandle engine, TimeSpan tick)
    {
        _engine = engine;
        _tick = tick;
    }

    /// <summary>The number of ticks after which at least <paramref name="timeout"/> has passed.</summary>
    public ulong TicksFor(TimeSpan timeout)
    {
        // One more, since the first tick comes at some point within the current interval.
        var ticks = (timeout.Ticks + _tick.Ticks - 1) / _tick.Ticks;
        return (ulong)ticks + 1;
    }

    public void AddDeadline()
    {
        Interlocked.Increment(ref _deadlines);
        if (Volatile.Read(ref _parked) != 0)
            Wake();
    }

    public void RemoveDeadline() => Interlocked.Decrement(ref _deadlines);

    public void Dispose()
    {
        Thread? thread;
        lock (_gate)
        {
            _stopping = true;
            thread = _thread;
        }
        _wake.Set();
        thread?.Join();
        _wake.Dispose();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _thread ??= Start();
            _wake.Set();
        }
    }

    private Thread Start()
    {
        // Ticks are rare and short; 64 KiB is the least that the runtime accepts everywhere.
        var thread = new Thread(Run, 64 * 1024) { IsBackground = true, Name = "Windhover epoch" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        var added = false;
        try
        {
            _engine.DangerousAddRef(ref added);
            while (!_stopping)
            {
                _wake.WaitOne();
                Volatile.Write(ref _parked, 0);
                TickUntilIdle();
                // Park first, then look again: a deadline added in between saw "not parked" and did not wake us.
                Volatile.Write(ref _parked, 1);
                Interlocked.MemoryBarrier();
                if (Volatile.Read(ref _deadlines) > 0)
                    _wake.Set();
            }
        }
        finally
        {
            if (added)
                _engine.DangerousRelease();
        }
    }

    private void TickUntilIdle()
    {
        var start = Stopwatch.GetTimestamp();
        long ticks = 0;
        var idleTicks = 0L;
        var linger = Math.Max(1, TimeSpan.TicksPerSecond / _tick.Ticks);
        while (!_stopping && idleTicks < linger)
        {
            Thread.Sleep(_tick);
            idleTicks = Volatile.Read(ref _deadlines) > 0 ? 0 : idleTicks + 1;
            // A late wake-up is made good by several ticks, so that deadlines do not drift.
            for (var due = Stopwatch.GetElapsedTime(start).Ticks / _tick.Ticks; ticks < due; ticks++)
                Native.wasmtime_engine_increment_epoch(_engine);
        }
    }
}
