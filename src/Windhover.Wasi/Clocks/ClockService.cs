using Windhover.Wasi.Io;

namespace Windhover.Wasi.Clocks;

/// <summary>
/// <c>wasi:clocks</c> on a <see cref="TimeProvider"/>. The monotonic clock starts at 0 with the guest's store: the host's uptime is nobody's business.
/// </summary>
internal sealed class ClockService(TimeProvider time, IGuestBlocking blocking)
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    private readonly long _start = time.GetTimestamp();

    /// <summary>Nanoseconds since the guest's store was created.</summary>
    public ulong MonotonicNow()
    {
        var passed = (UInt128)(ulong)Math.Max(0, time.GetTimestamp() - _start);
        return (ulong)(passed * NanosecondsPerSecond / (ulong)time.TimestampFrequency);
    }

    /// <summary>The timestamp, in nanoseconds, of a moment of the monotonic clock; <see cref="ulong.MaxValue"/> for one beyond its range.</summary>
    internal ulong ToTimestamp(ulong when) => when > ulong.MaxValue - (ulong)_start ? ulong.MaxValue : when + (ulong)_start;

    /// <summary>Nanoseconds between two ticks of the monotonic clock, at least 1.</summary>
    public ulong MonotonicResolution => Math.Max(1, NanosecondsPerSecond / (ulong)time.TimestampFrequency);

    /// <summary>The wall clock.</summary>
    public Datetime WallNow() => Datetime.From(time.GetUtcNow());

    /// <summary>The wall clock counts in 100 ns.</summary>
    public static Datetime WallResolution => new(0, 100);

    /// <summary>Ready from monotonic time <paramref name="when"/> (nanoseconds) on.</summary>
    public Pollable SubscribeInstant(ulong when) => new(new TimerSource(this, time, when), blocking, ownsSource: true);

    /// <summary>Waits, without a thread, until monotonic time <paramref name="when"/> (nanoseconds).</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> fired first.</exception>
    public async ValueTask WaitUntilAsync(ulong when, CancellationToken cancellationToken)
    {
        using var timer = new TimerSource(this, time, when);
        await timer.WaitReadyAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits, without a thread, until <paramref name="nanoseconds"/> have passed.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> fired first.</exception>
    public ValueTask WaitForAsync(ulong nanoseconds, CancellationToken cancellationToken)
    {
        var now = MonotonicNow();
        return WaitUntilAsync(nanoseconds > ulong.MaxValue - now ? ulong.MaxValue : now + nanoseconds, cancellationToken);
    }

    /// <summary>Ready once <paramref name="nanoseconds"/> have passed. A sum beyond the clock's range never comes.</summary>
    public Pollable SubscribeDuration(ulong nanoseconds)
    {
        var now = MonotonicNow();
        return SubscribeInstant(nanoseconds > ulong.MaxValue - now ? ulong.MaxValue : now + nanoseconds);
    }
}
