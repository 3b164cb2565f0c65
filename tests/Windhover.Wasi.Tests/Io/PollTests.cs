using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Tests.Io;

public sealed class PollTests
{
    [Fact]
    public void All_that_are_ready_are_named()
    {
        using var context = Guest.Context();
        using var now = context.Clocks.SubscribeDuration(0);
        using var later = context.Clocks.SubscribeDuration(ulong.MaxValue);
        Assert.Equal([0u, 2u], Pollable.Poll([now, later, now]));
        Assert.True(now.Ready());
        Assert.False(later.Ready());
        now.Block();
    }

    [Fact]
    public void An_empty_poll_is_a_trap() => Assert.Throws<GuestMisuseException>(() => Pollable.Poll());

    [Fact]
    public async Task The_first_that_becomes_ready_ends_the_wait()
    {
        var pipe = new Pipe();
        var time = new FakeTimeProvider();
        using var context = Guest.Context(new WasiOptions { Time = time });
        using var stream = new PipeInputStream(pipe.Reader, context.Blocking);
        using var readable = stream.Subscribe();
        using var timeout = context.Clocks.SubscribeDuration(5_000_000_000);

        var parked = new ParkedWait(context);
        var first = parked.Run(() => Pollable.Poll([timeout, readable]));
        await parked.IsParked;
        await pipe.Writer.WriteAsync(new byte[1], TestContext.Current.CancellationToken);
        Assert.Equal(1u, Assert.Single(await first));
        Guest.Ok(stream.Read(1));

        parked = new ParkedWait(context);
        var second = parked.Run(() => Pollable.Poll([timeout, readable]));
        await parked.IsParked;
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(0u, Assert.Single(await second));
    }

    [Fact]
    public void A_timer_shorter_than_the_wait_of_timers_is_kept()
    {
        var time = new FakeTimeProvider();
        using var context = Guest.Context(new WasiOptions { Time = time });
        using var far = context.Clocks.SubscribeDuration((ulong)TimeSpan.FromDays(100).TotalNanoseconds);
        var woken = new CountingWaiter();
        far.Source.AddWaiter(woken);
        far.Source.Arm();
        time.Advance(TimeSpan.FromDays(99));
        Assert.Equal(0, woken.Count);
        time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(1, woken.Count);
        Assert.True(far.Ready());
    }

    [Fact]
    public async Task An_abort_ends_the_wait()
    {
        using var abort = new CancellationTokenSource();
        using var context = new WasiContext(new WasiOptions(), aborted: abort.Token);
        using var never = context.Clocks.SubscribeDuration(ulong.MaxValue);
        var parked = new ParkedWait(context);
        var wait = parked.Run(() => Pollable.Poll([never]));
        await parked.IsParked;
        await abort.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
        Assert.ThrowsAny<OperationCanceledException>(never.Block);
    }

    [Fact]
    public void Waiters_are_added_and_removed_in_any_order()
    {
        var source = new ManualSource();
        var waiters = Enumerable.Range(0, 4).Select(_ => new CountingWaiter()).ToArray();
        foreach (var waiter in waiters)
            source.AddWaiter(waiter);
        source.Signal();
        source.RemoveWaiter(waiters[2]);
        source.RemoveWaiter(waiters[0]);
        source.RemoveWaiter(waiters[0]);
        source.Signal();
        source.RemoveWaiter(waiters[3]);
        source.Signal();
        source.RemoveWaiter(waiters[1]);
        source.Signal();
        Assert.Equal([1, 3, 1, 2], waiters.Select(waiter => waiter.Count));
    }

    private sealed class CountingWaiter : Waiter
    {
        public int Count { get; private set; }

        public override void Wake() => Count++;
    }

    private sealed class ManualSource : ReadinessSource
    {
        public override bool IsReady => false;

        public void Signal() => SignalReady();
    }

    /// <summary>Runs a guest on a thread of its own and tells when it is about to wait, by the deferred work that runs just before.</summary>
    private sealed class ParkedWait : IDeferredWork
    {
        private readonly TaskCompletionSource _parked = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ParkedWait(WasiContext context) => context.Defer(this);

        public Task IsParked => _parked.Task;

        public Task<T> Run<T>(Func<T> guest) => Task.Factory.StartNew(guest, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        public void RunNow() => _parked.TrySetResult();
    }
}
