using System.Globalization;
using Windhover.Engine;

namespace Windhover.Components.Tests.Async;

/// <summary>
/// Many orders of the same events: which ready task goes first comes from a seed, and so do which scenarios run beside each other and the order in which the host is
/// done. Whatever the order, each call has its result and nothing is left behind. WINDHOVER_SCHEDULES sets how many seeds are tried.
/// </summary>
public sealed class ScheduleTests
{
    private const int MaxSteps = 1_000_000;

    private static int Seeds =>
        int.TryParse(Environment.GetEnvironmentVariable("WINDHOVER_SCHEDULES"), NumberStyles.None, CultureInfo.InvariantCulture, out int seeds) ? seeds : 10_000;

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
        var scenarios = new ScheduleScenarios(guest);
        var checks = new List<Task>();
        for (uint v = 1; v <= 5; v++)
            checks.Add(scenarios.Start(random.Next(ScheduleScenarios.Count), v * 10));
        foreach (uint v in scenarios.Returns.OrderBy(_ => random.Next()).ToArray())
        {
            guest.Return(v);
            if (random.Next(3) == 0)
                Assert.Equal(v + 1, await guest.CallAsync("add", v, 1u));
        }

        // One seed in sixteen ends in a trap: whoever still waits fails with it, and nobody hangs.
        if (random.Next(16) == 0)
        {
            await Assert.ThrowsAsync<TrapException>(() => guest.CallAsync("trap"));
            await SettleAsync(guest, Task.WhenAll(checks));
            return;
        }

        Task all = Task.WhenAll(checks);
        await SettleAsync(guest, all);
        await all;
        await guest.AssertOverAsync();
    }

    // A hang is told by steps, not by time: each is a turn of the guest as long as it lives, so a busy machine slows both sides alike.
    private static async Task SettleAsync(AsyncGuest guest, Task all)
    {
        for (int step = 0; !all.IsCompleted; step++)
        {
            Assert.True(step < MaxSteps, $"a call has no result after {MaxSteps} further turns");
            if (!guest.Instance.HasEnded)
                await guest.CallAsync("add", 1u, 1u);
            await Task.Yield();
        }
    }
}
