using System.Diagnostics;
using Windhover.Tests;

namespace Windhover.Engine.Tests.Budgets;

/// <summary>The edge of processor time, by the numbers that a look at the clock gives: no run can be made to use so many nanoseconds.</summary>
public sealed class CpuWatchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1); // so that the real clock never comes near it

    [Fact]
    [BudgetTest("cpu", Edge.Reached)]
    [BudgetTest("cpu", Edge.PassedByOne)]
    public void A_run_may_use_its_limit_and_not_a_tick_more()
    {
        var watch = CpuWatch.Start(Limit);
        watch.Look(Limit.Ticks);
        Assert.False(watch.IsOver);
        Assert.False(watch.Token.IsCancellationRequested);
        watch.Look(Limit.Ticks + 1);
        Assert.True(watch.IsOver);
        Assert.True(watch.Token.IsCancellationRequested);
        watch.Stop();
    }

    [Fact]
    public void The_next_run_of_the_thread_begins_anew()
    {
        var watch = CpuWatch.Start(Limit);
        watch.Look(long.MaxValue);
        watch.Stop();
        Assert.False(CpuWatch.Start(Limit).IsOver);
        watch.Stop();
    }

    [Fact]
    public void A_run_within_another_has_its_own_time_and_the_outer_one_keeps_its_limit()
    {
        var clock = ThreadClock.Current;
        var before = clock.Read(Stopwatch.GetTimestamp()); // what the outer one begins with
        var outer = CpuWatch.Start(Limit);
        var stopped = false;
        using (outer.Token.Register(() => stopped = true))
        {
            var begun = clock.Now();
            var inner = CpuWatch.Start(TimeSpan.FromSeconds(1));
            Assert.NotSame(outer, inner);
            while (clock.Now() - begun < TimeSpan.TicksPerMillisecond)
            {
            }

            inner.Look(long.MaxValue);
            Assert.True(inner.IsOver);
            var used = inner.Stop();
            Assert.False(outer.IsOver);

            outer.Look(Limit.Ticks + 1);
            Assert.True(stopped); // who was registered before is told
            var all = outer.Stop() + used;
            Assert.InRange(all.Ticks, used.Ticks, clock.Now() - before);
        }

        Assert.Same(outer, CpuWatch.Start(Limit));
        outer.Stop();
    }
}
