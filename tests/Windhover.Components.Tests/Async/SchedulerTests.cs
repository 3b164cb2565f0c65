using Windhover.Components.Async;

namespace Windhover.Components.Tests.Async;

// A pool whose threads are all at work is a queue that nobody takes from.
public sealed class SchedulerTests
{
    private readonly List<string> _ran = [];
    private readonly List<IThreadPoolWorkItem> _pool = [];
    private readonly Scheduler _scheduler;

    public SchedulerTests() => _scheduler = new Scheduler(isInTurn: false) { Queue = _pool.Add };

    [Fact]
    public void What_waits_for_the_pool_is_taken_over_by_who_has_a_turn_to_run()
    {
        _scheduler.Post(() => _ran.Add("posted"));
        Assert.Empty(_ran);
        Assert.True(_scheduler.RunHere(() => _ran.Add("mine")));
        Assert.Equal(["posted", "mine"], _ran);
        Late();
        _scheduler.Post(() => _ran.Add("later")); // queued anew
        Assert.Equal(2, _pool.Count);
        Late();
        Assert.Equal(["posted", "mine", "later"], _ran);
    }

    [Fact]
    public void A_call_that_waits_for_its_turn_does_not_wait_for_the_pool()
    {
        _scheduler.Post(() => _ran.Add("posted"));
        _scheduler.RunAndWait(() => _ran.Add("mine"));
        Assert.Equal(["posted", "mine"], _ran);
    }

    [Fact]
    public void An_end_does_not_wait_for_the_pool()
    {
        _scheduler.Post(() => _ran.Add("posted"));
        _scheduler.Stop(new ObjectDisposedException("it"));
        Late();
        Assert.Empty(_ran);
        Assert.IsType<ObjectDisposedException>(_scheduler.Failure);
    }

    [Fact]
    public void An_end_while_a_turn_runs_is_made_by_the_thread_that_runs_it()
    {
        using ManualResetEventSlim begun = new(), goOn = new();
        int ended = 0;
        var thread = new Thread(() => _scheduler.RunHere(() =>
        {
            begun.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
            _ran.Add("turn");
        }));
        thread.Start();
        begun.Wait(TestContext.Current.CancellationToken);
        _scheduler.StopThen(new ObjectDisposedException("it"), () =>
        {
            _ran.Add("end");
            ended = Environment.CurrentManagedThreadId;
        });
        Assert.Equal(0, Volatile.Read(ref ended));
        goOn.Set();
        thread.Join();
        Assert.Equal(thread.ManagedThreadId, ended);
        Assert.Equal(["turn", "end"], _ran);
        _scheduler.Post(() => _ran.Add("late"));
        Late();
        Assert.Equal(["turn", "end"], _ran);
    }

    [Fact]
    public void An_end_within_a_turn_comes_after_it()
    {
        _scheduler.RunHere(() =>
        {
            _scheduler.StopThen(new ObjectDisposedException("it"), () => _ran.Add("end"));
            _ran.Add("turn");
        });
        Assert.Equal(["turn", "end"], _ran);
    }

    private void Late() => _pool.ForEach(static item => item.Execute());
}
