using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Tests.Threads;

public class GuestThreadsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_more_than_may_are_at_work_and_one_that_is_held_does_not_count()
    {
        var threads = new GuestThreads(1, 2);
        var first = new Work();
        var second = new Work();
        var third = new Work();
        Assert.True(threads.Queue(first));
        await first.Started.WaitAsync(Token);
        Assert.True(threads.Queue(second));
        Assert.True(threads.Queue(third));
        Assert.False(threads.Queue(new Work())); // the queue is full
        Assert.False(second.Started.IsCompleted);

        threads.BeginHold(); // as the first would that waits
        await second.Started.WaitAsync(Token);
        Assert.Equal(2, threads.Count);
        threads.EndHold(); // two are at work now, and one may be

        first.Finish();
        await first.Ended.WaitAsync(Token);
        second.Finish();
        await third.Started.WaitAsync(Token);
        third.Finish();
        await third.Ended.WaitAsync(Token);
        Assert.Equal(2, threads.Count);
    }

    private sealed class Work : IGuestWork
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _finish = new();

        public Task Started => _started.Task;

        public Task Ended => _ended.Task;

        public void Finish() => _finish.SetResult();

        public void Run()
        {
            _started.SetResult();
            _finish.Task.Wait(Token);
            _ended.SetResult();
        }
    }
}
