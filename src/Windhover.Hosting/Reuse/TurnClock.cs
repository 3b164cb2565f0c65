using System.Diagnostics;
using Windhover.Engine;

namespace Windhover.Hosting.Reuse;

// The processor time of an instance's turns. A thread's clock costs 0.3 µs, and a short request has two or three stretches of turns of 1 µs: so it is read at most about once a
// millisecond, and what lies between is taken from the wall clock (25 ns), which is never less:
//
//   stretch shorter than 100 µs    its wall time; it is too much only when the thread lost its core meanwhile
//   longer                         what the thread's clock says has passed since its last reading, at most 1 ms before the stretch; never more than the wall time
internal struct TurnClock
{
    private static readonly long s_fresh = Stopwatch.Frequency / 1000;
    private static readonly TimeSpan s_short = TimeSpan.FromMicroseconds(100);

    [ThreadStatic]
    private static long t_readAt;

    [ThreadStatic]
    private static long t_cpu;

    private long _begun;
    private long _cpuBefore; // of its own: another instance's turns may run within these, on the same thread
    private long _ticks;

    /// <summary>Turns begin. On the thread that runs them.</summary>
    public void Begin()
    {
        long now = Stopwatch.GetTimestamp();
        if (now - t_readAt > s_fresh)
            Read(now);
        _begun = now;
        _cpuBefore = t_cpu;
    }

    /// <summary>No turn is left. On the same thread.</summary>
    public void End()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan used = Stopwatch.GetElapsedTime(_begun, now);
        if (used > s_short)
        {
            Read(now);
            used = TimeSpan.FromTicks(Math.Clamp(t_cpu - _cpuBefore, 0, used.Ticks));
        }

        Interlocked.Add(ref _ticks, used.Ticks);
    }

    /// <summary>What was used since this was last asked. Any thread.</summary>
    public TimeSpan Take() => new(Interlocked.Exchange(ref _ticks, 0));

    private static void Read(long now)
    {
        t_readAt = now;
        t_cpu = ThreadClock.Current.Now();
    }
}
