using Windhover.Components.Async;

namespace Windhover.Components.Tests.Async;

/// <summary>
/// Many orders of the same events: which ready task goes first comes from a seed, and so does the order in which the host is done. Whatever the order, each call
/// has its result and nothing is left behind.
/// </summary>
public sealed class ScheduleTests
{
    private const int Seeds = 10_000;

    [Fact]
    public async Task No_order_of_turns_changes_a_result()
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            try
            {
                await RunAsync(seed);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        }
    }

    private static async Task RunAsync(int seed)
    {
        var random = new Random(seed);
        using var guest = new AsyncGuest(seed);
        var checks = new List<Task>();
        var returns = new List<uint>();
        for (uint v = 1; v <= 5; v++)
            checks.Add(Start(guest, random.Next(8), v * 10, returns));
        foreach (uint v in returns.OrderBy(_ => random.Next()))
        {
            guest.Return(v);
            if (random.Next(3) == 0)
                Assert.Equal(v + 1, await guest.CallAsync("add", v, 1u));
        }

        await Task.WhenAll(checks);
        await guest.AssertOverAsync();
    }

    private static Task Start(AsyncGuest guest, int scenario, uint v, List<uint> returns)
    {
        switch (scenario)
        {
            case 0:
                returns.Add(v);
                return Expect(2 * v, guest.CallAsync("twice", v));
            case 1:
                returns.AddRange([v, v + 1]);
                return Both(guest.CallAsync("both", v, v + 1), v);
            case 2:
                return Expect(v, guest.CallAsync("give-way", v));
            case 3:
                return Expect(45ul, guest.CallAsync("sum", HostStream.FromBytes(new byte[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 })));
            case 4:
                return Count(guest, v);
            case 5:
                returns.Add(v);
                return Promise(guest, v);
            case 6:
                return Upper(guest);
            default:
                return Cancelled(guest, v);
        }
    }

    private static async Task Expect<T>(T expected, Task<object?> call) => Assert.Equal(expected, (T)(await call)!);

    private static async Task Both(Task<object?> call, uint v) => Assert.Equal([v, v + 1], ((uint[])(await call)!).Order());

    private static async Task Count(AsyncGuest guest, uint n)
    {
        using var stream = (GuestStreamReader)(await guest.CallAsync("count-to", n))!;
        uint next = 0;
        while (await stream.ReadValuesAsync(4, TestContext.Current.CancellationToken) is { Length: > 0 } some)
        {
            foreach (object? value in some)
                Assert.Equal(next++, value);
        }

        Assert.Equal(n, next);
    }

    private static async Task Promise(AsyncGuest guest, uint v)
    {
        using var future = (GuestFuture)(await guest.CallAsync("promise", v))!;
        await Expect(v, future.ReadAsync(TestContext.Current.CancellationToken));
    }

    private static async Task Upper(AsyncGuest guest)
    {
        object? upper = await guest.CallAsync("upper", HostStream.FromBytes("abc"u8.ToArray()));
        await Expect(65ul + 66 + 67, guest.CallAsync("sum", upper));
    }

    private static async Task Cancelled(AsyncGuest guest, uint v)
    {
        using var cancellation = new CancellationTokenSource();
        Task<object?> call = guest.CallCancellableAsync("twice", v + 5, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }
}
