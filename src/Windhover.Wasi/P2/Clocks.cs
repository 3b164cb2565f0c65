using Windhover.Wasi.Bindings.Wasi.Clocks.MonotonicClock;
using Windhover.Wasi.Bindings.Wasi.Clocks.Timezone;
using Windhover.Wasi.Bindings.Wasi.Clocks.WallClock;
using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Clocks;
using WitDatetime = Windhover.Wasi.Bindings.Wasi.Clocks.WallClock.Datetime;

namespace Windhover.Wasi.P2;

/// <summary><c>wasi:clocks</c>.</summary>
internal sealed partial class P2Host : IMonotonicClock, IWallClock, ITimezone
{
    ulong IMonotonicClock.Now() => context.Clocks.MonotonicNow();

    ulong IMonotonicClock.Resolution() => context.Clocks.MonotonicResolution;

    IPollable IMonotonicClock.SubscribeInstant(ulong when) => context.Clocks.SubscribeInstant(when);

    IPollable IMonotonicClock.SubscribeDuration(ulong when) => context.Clocks.SubscribeDuration(when);

    WitDatetime IWallClock.Now() => ToWit(context.Clocks.WallNow());

    WitDatetime IWallClock.Resolution() => ToWit(ClockService.WallResolution);

    // Where a guest's users live is not the host's to know: UTC.
    TimezoneDisplay ITimezone.Display(WitDatetime when) => new(0, "UTC", false);

    int ITimezone.UtcOffset(WitDatetime when) => 0;

    internal static WitDatetime ToWit(Wasi.Clocks.Datetime time) => new((ulong)time.Seconds, time.Nanoseconds);
}
