using System.Globalization;
using Windhover.Plugins;

namespace Windhover.Tests.Lifecycle;

/// <summary>The memory of the process is looked at, so nothing else may run in it.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;

/// <summary>Swaps of a plug-in that is in use all the while.</summary>
[Collection("alone")]
public sealed class HotSwapTests
{
    private static readonly PluginOptions s_pooled = new() { Pool = new PluginPoolOptions { MaxUses = 1000, MaxIdle = 4, MaxInUse = 100 } };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>No call fails while the plug-in is exchanged; as many times as WINDHOVER_SWAPS says, by default 200.</summary>
    [Fact]
    public async Task Hot_swaps_under_load()
    {
        int swaps = int.Parse(Environment.GetEnvironmentVariable("WINDHOVER_SWAPS") ?? "200", CultureInfo.InvariantCulture);
        await using var host = new PluginHost(new PluginHostOptions { CacheDirectory = "" });
        await using var pool = new PluginPool<ShopPlugin>(await host.LoadAsync("rules", ShopGuest.Make(1), Cancel), () => new LineLog().Imports, s_pooled);
        using var end = new CancellationTokenSource();
        long calls = 0;
        Task[] load = [.. Enumerable.Range(0, 2).Select(worker => Task.Run(
            () =>
            {
                while (!end.IsCancellationRequested)
                {
                    using ShopPlugin plugin = pool.Rent();
                    Assert.Equal(6u, plugin.Rules.Price(2, 3));
                    Assert.InRange(plugin.Version(), 1u, 2u);
                    Interlocked.Increment(ref calls);
                }
            },
            Cancel))];
        byte[][] versions = [ShopGuest.Make(1), ShopGuest.Make(2)];
        long resident = 0;
        for (int i = 0; i < swaps; i++)
        {
            await pool.SwapAsync(await host.LoadAsync("rules", versions[(i + 1) % 2], Cancel));
            if (i == swaps / 10)
                resident = Resident();
        }

        await end.CancelAsync();
        await Task.WhenAll(load);
        long grown = Resident() - resident;
        TestContext.Current.SendDiagnosticMessage($"{swaps} swaps, {calls} calls, resident {resident >> 20} MiB then {grown >> 20} MiB more");
        Assert.True(calls > swaps);
        Assert.InRange(grown, long.MinValue, 64 << 20);
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        return Environment.WorkingSet;
    }
}
