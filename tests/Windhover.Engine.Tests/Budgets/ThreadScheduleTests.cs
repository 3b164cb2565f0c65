namespace Windhover.Engine.Tests.Budgets;

public class ThreadScheduleTests
{
    private const int Normal = 0;
    private const int Batch = 3;

    [Fact]
    public void A_guests_thread_never_comes_before_others_and_a_pools_thread_that_inherits_that_undoes_it()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is told.");
        int processors = 0;
        (int, ulong, int) inherited = default, undone = default, guest = default;
        OnThread(() =>
        {
            processors = ThreadSchedule.Here().Processors;
            ThreadSchedule.Guest(leaveOneProcessor: true);
            guest = ThreadSchedule.Here();
            OnThread(() =>
            {
                inherited = ThreadSchedule.Here();
                ThreadSchedule.AnswersHere();
                undone = ThreadSchedule.Here();
            });
        });
        Assert.Equal((Batch, 20_000_000ul, Math.Max(1, processors - 1)), guest);
        Assert.Equal(20_000_000ul, inherited.Item2); // the runtime sets the rest anew
        Assert.Equal((Normal, processors), (undone.Item1, undone.Item3));
        Assert.InRange(undone.Item2, 0ul, 3_000_000ul); // the usual one, or the short one where the process answers
    }

    [Fact]
    public void A_guests_thread_may_use_all_processors_where_nobody_needs_one()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is told.");
        OnThread(() =>
        {
            int processors = ThreadSchedule.Here().Processors;
            ThreadSchedule.Guest(leaveOneProcessor: false);
            Assert.Equal((Batch, 20_000_000ul, processors), ThreadSchedule.Here());
        });
    }

    [Fact]
    public void Who_computes_gives_way_for_good()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux is told.");
        OnThread(() =>
        {
            ProcessLimits.GiveWay();
            Assert.Equal(Batch, ThreadSchedule.Here().Policy);
        });
    }

    private static void OnThread(Action action)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        if (failure is not null)
            throw new InvalidOperationException("On the thread.", failure);
    }
}
