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

    private long _begun;
    private long _cpuBefore;
    private long _ticks;

    /// <summary>Turns begin. On the thread that runs them.</summary>
    public void Begin()
    {
        _begun = Stopwatch.GetTimestamp();
        _cpuBefore = ThreadClock.Current.Recent(_begun, s_fresh);
    }

    /// <summary>No turn is left. On the same thread.</summary>
    public void End()
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan used = Stopwatch.GetElapsedTime(_begun, now);
        if (used > s_short)
            used = TimeSpan.FromTicks(Math.Clamp(ThreadClock.Current.Read(now) - _cpuBefore, 0, used.Ticks));

        Interlocked.Add(ref _ticks, used.Ticks);
    }

    /// <summary>What was used since this was last asked. Any thread.</summary>
    public TimeSpan Take() => new(Interlocked.Exchange(ref _ticks, 0));
}
