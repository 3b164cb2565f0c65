using Windhover.Wasi.Io;

namespace Windhover.Wasi.Clocks;

/// <summary>Ready from a moment of the monotonic clock on. The timer exists only once somebody waits: most polls find something else ready.</summary>
internal sealed class TimerSource(ClockService clock, TimeProvider time, ulong when) : ReadinessSource, IDisposable
{
    // The longest that a timer of .NET takes is about 49 days; a longer wait is armed again when it fires.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(40);

    private ITimer? _timer;
    private bool _disposed;

    /// <summary>The moment, as a timestamp of the clock's own <see cref="TimeProvider"/> that counts in nanoseconds.</summary>
    internal ulong When => clock.ToTimestamp(when);

    public override bool IsReady => clock.MonotonicNow() >= when;

    public void Dispose()
    {
        _disposed = true;
        _timer?.Dispose();
        _timer = null;
    }

    public override void Arm()
    {
        if (IsReady)
            SignalReady();
        if (_timer is not null || _disposed || IsReady)
            return;
        _timer = time.CreateTimer(static state => ((TimerSource)state!).Fired(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Schedule(_timer);
    }

    private void Fired()
    {
        // Timers count in milliseconds and may come a little early by the finer clock.
        if (IsReady)
            SignalReady();
        else if (Volatile.Read(ref _timer) is { } timer)
            Schedule(timer);
    }

    private void Schedule(ITimer timer)
    {
        var now = clock.MonotonicNow();
        var left = when > now ? when - now : 0;
        var milliseconds = Math.Min(left / 1_000_000 + (left % 1_000_000 == 0 ? 0UL : 1UL), (ulong)s_longest.TotalMilliseconds);
        timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }
}
