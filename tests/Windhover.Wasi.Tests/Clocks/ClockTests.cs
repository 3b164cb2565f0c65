using Microsoft.Extensions.Time.Testing;
using Windhover.Wasi.Clocks;

namespace Windhover.Wasi.Tests.Clocks;

public sealed class ClockTests
{
    [Fact]
    public void The_clocks_follow_the_time_provider()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.Zero));
        using var context = Guest.Context(new WasiOptions { Time = time });
        Assert.Equal(0UL, context.Clocks.MonotonicNow());
        Assert.Equal(1795348800L, context.Clocks.WallNow().Seconds);
        time.Advance(TimeSpan.FromTicks(15_000_001));
        Assert.Equal(1_500_000_100UL, context.Clocks.MonotonicNow());
        Assert.Equal(new Datetime(1795348801, 500_000_100), context.Clocks.WallNow());
        Assert.True(context.Clocks.MonotonicResolution >= 1);
    }

    [Fact]
    public void The_monotonic_clock_does_not_overflow_or_run_back()
    {
        using var context = Guest.Context();
        var last = 0UL;
        for (var i = 0; i < 1000; i++)
        {
            var now = context.Clocks.MonotonicNow();
            Assert.True(now >= last);
            last = now;
        }
        Assert.InRange(last, 0UL, (ulong)Guest.Patience.TotalNanoseconds);
        using var never = context.Clocks.SubscribeDuration(ulong.MaxValue);
        Assert.False(never.Ready());
        using var past = context.Clocks.SubscribeInstant(0);
        Assert.True(past.Ready());
    }

    [Fact]
    public void A_real_timer_wakes_a_blocked_guest()
    {
        using var context = Guest.Context();
        var start = context.Clocks.MonotonicNow();
        using var timer = context.Clocks.SubscribeDuration(20_000_000);
        timer.Block();
        Assert.True(context.Clocks.MonotonicNow() - start >= 20_000_000);
    }

    [Fact]
    public void Times_before_1970_become_1970() => Assert.Equal(default, Datetime.From(new DateTimeOffset(1969, 1, 1, 0, 0, 0, TimeSpan.Zero)));
}
