using Windhover.Wasi.Bindings.P3.Wasi.Clocks.MonotonicClock;
using Windhover.Wasi.Bindings.P3.Wasi.Clocks.SystemClock;
using Windhover.Wasi.Bindings.P3.Wasi.Clocks.Timezone;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:clocks</c>.</summary>
internal sealed partial class P3Host : IMonotonicClock, ISystemClock, ITimezone
{
    ulong IMonotonicClock.Now() => context.Clocks.MonotonicNow();

    ulong IMonotonicClock.GetResolution() => context.Clocks.MonotonicResolution;

    ValueTask IMonotonicClock.WaitUntilAsync(ulong when, CancellationToken cancellationToken) => context.Clocks.WaitUntilAsync(when, cancellationToken);

    ValueTask IMonotonicClock.WaitForAsync(ulong howLong, CancellationToken cancellationToken) => context.Clocks.WaitForAsync(howLong, cancellationToken);

    Instant ISystemClock.Now() => ToInstant(context.Clocks.WallNow());

    ulong ISystemClock.GetResolution() => Wasi.Clocks.ClockService.WallResolution.Nanoseconds;

    // Where a guest's users live is not the host's to know: UTC.
    string? ITimezone.IanaId() => "UTC";

    long? ITimezone.UtcOffset(Instant when) => 0;

    string ITimezone.ToDebugString() => "UTC";

    internal static Instant ToInstant(Wasi.Clocks.Datetime time) => new(time.Seconds, time.Nanoseconds);
}
