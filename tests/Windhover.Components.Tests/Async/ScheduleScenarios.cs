using Windhover.Components.Async;

namespace Windhover.Components.Tests.Async;

/// <summary>What <see cref="ScheduleTests"/> mixes. A scenario that waits for the host says so in <see cref="Returns"/>; the test returns those in an order of its own.</summary>
internal sealed class ScheduleScenarios(AsyncGuest guest)
{
    public const int Count = 20;

    private static readonly byte[] s_digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    public List<uint> Returns { get; } = [];

    public Task Start(int scenario, uint v)
    {
        switch (scenario)
        {
            case 0: return Later("twice", v);
            case 1: return Later("twice-waiting", v);
            case 2: return Later("twice-blocking", v);
            case 3: return Later("twice-stackful", v);
            case 4: Returns.AddRange([v, v + 1]); return Both(v);
            case 5: return Expect(v, guest.CallAsync("give-way", v));
            case 6: return Expect(45ul, guest.CallAsync("sum", HostStream.FromBytes(s_digits)));
            case 7: return Expect(45ul, guest.CallAsync("sum-blocking", HostStream.FromBytes(s_digits)));
            case 8: return CountTo(v, int.MaxValue);
            case 9: return CountTo(v, 3); // dropped early
            case 10: Returns.Add(v); return Promise(v);
            case 11: Returns.Add(v); return PromiseDropped(v);
            case 12: return Upper();
            case 13: return UpperDropped();
            case 14: return Cancelled("twice", v + 5);
            case 15: return CancelledByBackpressure(v);
            case 16: return Sip();
            case 17: return Expect("a b", guest.CallAsync("concat", HostStream.FromValues(Words("a", "b"))));
            case 18: return Expect(v + 1, guest.CallAsync("after", new HostFuture(Task.FromResult<object?>(v))));
            default: return After(v);
        }
    }

    private Task Later(string function, uint v)
    {
        Returns.Add(v);
        return Expect(2 * v, guest.CallAsync(function, v));
    }

    private async Task Both(uint v) => Assert.Equal([v, v + 1], ((uint[])(await guest.CallAsync("both", v, v + 1))!).Order());

    private async Task CountTo(uint n, int atMost)
    {
        using var stream = (GuestStreamReader)(await guest.CallAsync("count-to", n))!;
        uint next = 0;
        while (next < atMost && await stream.ReadValuesAsync(4, TestContext.Current.CancellationToken) is { Length: > 0 } some)
        {
            foreach (object? value in some)
                Assert.Equal(next++, value);
        }

        if (atMost == int.MaxValue)
            Assert.Equal(n, next);
    }

    private async Task Promise(uint v)
    {
        using var future = (GuestFuture)(await guest.CallAsync("promise", v))!;
        await Expect(v, future.ReadAsync(TestContext.Current.CancellationToken));
    }

    private async Task PromiseDropped(uint v)
    {
        var future = (GuestFuture)(await guest.CallAsync("promise", v))!;
        future.Dispose();
    }

    private async Task Upper()
    {
        object? upper = await guest.CallAsync("upper", HostStream.FromBytes("abc"u8.ToArray()));
        await Expect(65ul + 66 + 67, guest.CallAsync("sum", upper));
    }

    private async Task UpperDropped()
    {
        var upper = (GuestStreamReader)(await guest.CallAsync("upper", HostStream.FromBytes(new byte[5000])))!;
        Assert.NotEqual(0, await upper.ReadAsync(new byte[3], TestContext.Current.CancellationToken));
        upper.Dispose();
    }

    private async Task Cancelled(string function, uint v)
    {
        using var cancellation = new CancellationTokenSource();
        Task<object?> call = guest.CallCancellableAsync(function, v, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    // While the guest holds new tasks back, one is cancelled before it began.
    private async Task CancelledByBackpressure(uint v)
    {
        await guest.CallAsync("hold", true);
        Task cancelled = Cancelled("give-way", v);
        await guest.CallAsync("hold", false);
        try
        {
            await cancelled;
        }
        catch (Xunit.Sdk.XunitException)
        {
            // Room came first: then it has its result.
        }
    }

    private async Task Sip() => Assert.NotEqual(0u, await guest.CallAsync("sip", HostStream.FromBytes(new byte[10_000])));

    private async Task After(uint v)
    {
        var value = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<object?> call = guest.CallAsync("after", new HostFuture(value.Task));
        await guest.CallAsync("add", 1u, 1u);
        value.SetResult(v);
        await Expect(v + 1, call);
    }

    private static async IAsyncEnumerable<object?> Words(params string[] words)
    {
        foreach (string word in words)
        {
            await Task.Yield();
            yield return word;
        }
    }

    private static async Task Expect<T>(T expected, Task<object?> call) => Assert.Equal(expected, (T)(await call)!);
}
