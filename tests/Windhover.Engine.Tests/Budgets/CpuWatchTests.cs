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
}
