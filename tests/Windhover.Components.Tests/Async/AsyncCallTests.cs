using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Tests.Async;

public sealed class AsyncCallTests
{
    [Theory]
    [InlineData("twice")]
    [InlineData("twice-waiting")]
    [InlineData("twice-blocking")]
    public async Task A_guest_waits_for_the_host_in_every_way(string function)
    {
        using var guest = new AsyncGuest();
        var call = guest.CallAsync(function, 21u);
        Assert.False(call.IsCompleted);
        guest.Return(21);
        Assert.Equal(42u, await call);
        await guest.AssertOverAsync();
    }

    [Theory]
    [InlineData("twice")]
    [InlineData("twice-waiting")]
    [InlineData("twice-blocking")]
    [InlineData("twice-stackful")]
    public async Task A_host_that_is_done_at_once_costs_no_subtask(string function)
    {
        using var guest = new AsyncGuest();
        guest.Return(4);
        Assert.Equal(8u, await guest.CallAsync(function, 4u));
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task Results_come_in_the_order_of_the_host()
    {
        using var guest = new AsyncGuest();
        var call = guest.CallAsync("both", 1u, 2u);
        guest.Return(2);
        Assert.Equal(1u, await Added(guest)); // a turn later
        guest.Return(1);
        Assert.Equal(new uint[] { 2, 1 }, await call);
        await guest.AssertOverAsync();

        static async Task<object?> Added(AsyncGuest guest) => await guest.CallAsync("add", 0u, 1u);
    }

    [Fact]
    public async Task A_string_goes_to_the_host_and_back()
    {
        using var guest = new AsyncGuest();
        var call = guest.CallAsync("greet", "ann");
        guest.Host("greet ann").SetResult("héllo ann");
        Assert.Equal("<héllo ann>", await call);
        Assert.Equal(["greet"], guest.Log);
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task A_guest_that_gives_way_goes_on()
    {
        using var guest = new AsyncGuest();
        Assert.Equal(100u, await guest.CallAsync("give-way", 100u));
        Assert.Equal("zero", ((VariantValue)(await guest.CallAsync("check", 0u))!).Payload);
        Assert.Equal(7u, ((VariantValue)(await guest.CallAsync("check", 7u))!).Payload);
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task The_host_gives_a_call_up()
    {
        using var guest = new AsyncGuest();
        using var cancellation = new CancellationTokenSource();
        var call = guest.CallCancellableAsync("twice", 5u, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(1u, await guest.CallAsync("cancelled"));
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task Backpressure_holds_new_tasks_back()
    {
        using var guest = new AsyncGuest();
        var first = guest.CallAsync("twice", 1u);
        await guest.CallAsync("hold", true);
        var held = guest.CallAsync("twice", 2u);
        guest.Return(2);
        Assert.Equal(3u, await guest.CallAsync("add", 1u, 2u)); // synchronous: enters all the same
        Assert.False(held.IsCompleted);
        await guest.CallAsync("hold", false);
        guest.Return(1);
        Assert.Equal(2u, await first);
        Assert.Equal(4u, await held);
        await guest.AssertOverAsync();
    }

    // Three turns one after the other: room comes, one more stands in line, and the one before it gives up. Nobody but that one is left to call the next.
    [Fact]
    public async Task Who_gives_up_in_line_lets_the_next_one_in()
    {
        using var guest = new AsyncGuest(seed: 0); // the host may call again: a line that stands is no deadlock
        using var cancellation = new CancellationTokenSource();
        await guest.CallAsync("hold", true);
        Task<object?> first = guest.CallCancellableAsync("give-way", 1, cancellation.Token);
        Task<object?>? next = null;
        guest.Instance.Scheduler.RunAndWait(() =>
        {
            _ = guest.CallAsync("hold", false);
            next = guest.CallAsync("give-way", 2u);
            cancellation.Cancel();
        });
        Assert.Equal(2u, await next!);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task A_trap_ends_every_call_and_the_next_ones()
    {
        using var guest = new AsyncGuest();
        var waiting = guest.CallAsync("twice", 1u);
        await Assert.ThrowsAsync<TrapException>(() => guest.CallAsync("trap"));
        await Assert.ThrowsAsync<TrapException>(() => waiting);
        await Assert.ThrowsAsync<TrapException>(() => guest.CallAsync("add", 1u, 2u));
        guest.Return(1);
    }

    [Fact]
    public async Task A_host_function_that_fails_traps_the_guest()
    {
        using var guest = new AsyncGuest();
        var call = guest.CallAsync("twice", 1u);
        guest.Host("later 1").SetException(new IOException("no disk"));
        var trap = await Assert.ThrowsAsync<TrapException>(() => call);
        Assert.Contains("no disk", trap.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_instance_is_disposed_while_its_guest_waits()
    {
        var guest = new AsyncGuest();
        var parked = guest.CallAsync("twice", 1u);
        guest.Dispose();
        await Assert.ThrowsAnyAsync<Exception>(() => parked);
        guest.Return(1); // nobody is there any more
    }
}
