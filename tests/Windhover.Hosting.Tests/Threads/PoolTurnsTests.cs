using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Tests.Threads;

public sealed class PoolTurnsTests
{
    private static readonly int s_most = Environment.ProcessorCount;

    private readonly PoolTurns _turns = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_app_has_as_many_requests_in_the_pool_as_there_are_processors()
    {
        for (int i = 0; i < s_most; i++)
            Assert.True(_turns.TryEnter(workWaits: false));
        Assert.False(_turns.TryEnter(workWaits: false));
        Work first = new(), second = new();
        _turns.Queue(first);
        _turns.Queue(second);
        Assert.Equal(2, _turns.Waiting);

        _turns.Leave(); // lets the first in, which lets the second in when it has ended
        await first.Ended.WaitAsync(Token);
        await second.Ended.WaitAsync(Token);
        Assert.Equal(0, _turns.Waiting);
    }

    [Fact]
    public void While_work_waits_for_the_thread_only_an_app_that_has_no_turn_takes_one()
    {
        Assert.True(_turns.TryEnter(workWaits: true));
        Assert.False(_turns.TryEnter(workWaits: true));
        Assert.Equal(s_most > 1, _turns.TryEnter(workWaits: false));
    }

    [Fact]
    public async Task One_that_waits_leaves_its_turn_and_takes_it_again_over_and_above()
    {
        for (int i = 0; i < s_most; i++)
            Assert.True(_turns.TryEnter(workWaits: false));
        Work next = new(), last = new();
        _turns.Queue(next);
        _turns.Leave(); // a guest waits
        await next.Ended.WaitAsync(Token);
        while (!_turns.TryEnter(workWaits: false))
            await Task.Yield(); // its end is a little after what it did
        _turns.Return(); // the guest goes on: one more than may
        _turns.Queue(last);
        Assert.Equal(1, _turns.Waiting);
        _turns.Leave();
        Assert.Equal(1, _turns.Waiting);
        _turns.Leave();
        await last.Ended.WaitAsync(Token);
    }

    [Fact]
    public async Task What_is_called_by_a_guest_that_has_a_turn_needs_none()
    {
        var called = new Work();
        _turns.Queue(called);
        await called.Ended.WaitAsync(Token);
        Assert.True(called.NeedsNone);
    }

    private sealed class Work : IGuestWork
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Ended => _ended.Task;

        public bool NeedsNone { get; private set; }

        public void Run()
        {
            NeedsNone = PoolTurns.NeedsNone;
            _ended.SetResult();
        }
    }
}
