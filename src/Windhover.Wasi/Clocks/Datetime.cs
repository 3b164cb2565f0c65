namespace Windhover.Wasi.Clocks;

/// <summary>A moment of the wall clock: <c>wasi:clocks/system-clock.instant</c>, and from 1970 on <c>wasi:clocks/wall-clock.datetime</c>.</summary>
/// <param name="Seconds">Whole seconds since 1970-01-01T00:00:00Z, rounded down.</param>
/// <param name="Nanoseconds">Below 1,000,000,000.</param>
internal readonly record struct Datetime(long Seconds, uint Nanoseconds)
{
    /// <summary>The same moment; times before 1970 become 1970.</summary>
    public static Datetime From(DateTimeOffset time)
    {
        var ticks = time.UtcTicks - DateTime.UnixEpoch.Ticks;
        if (ticks < 0)
            return default;
        var (seconds, rest) = Math.DivRem(ticks, TimeSpan.TicksPerSecond);
        return new Datetime(seconds, (uint)rest * 100);
    }
}
