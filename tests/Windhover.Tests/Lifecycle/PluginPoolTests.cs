using Windhover.Plugins;
using Windhover.Tests.Test.Shop.Counters;

namespace Windhover.Tests.Lifecycle;

public sealed class PluginPoolTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static PluginOptions Pooled(int uses = 1000, int inUse = 100) => new() { Pool = new PluginPoolOptions { MaxUses = uses, MaxIdle = 4, MaxInUse = inUse } };

    [Fact]
    public async Task A_single_use_instance_leaves_nothing_behind()
    {
        await using PluginPool<ShopPlugin> pool = await Make(null);
        uint first = await NextAsync(pool), second = await NextAsync(pool);
        Assert.Equal((8u, 8u), (first, second));
    }

    [Fact]
    public async Task A_pooled_instance_is_used_again_under_a_new_object()
    {
        await using PluginPool<ShopPlugin> pool = await Make(Pooled());
        ShopPlugin first = await pool.RentAsync(Cancel);
        PluginInstance instance = first.Instance;
        first.Dispose();
        using ShopPlugin second = await pool.RentAsync(Cancel);
        Assert.Same(instance, second.Instance);
        Assert.Equal(PluginMisuse.Disposed, Assert.Throws<PluginUseException>(() => first.Version()).Misuse);
        Assert.Equal(1u, second.Version());
    }

    [Fact]
    public async Task An_instance_that_trapped_or_whose_resources_are_held_is_not_used_again()
    {
        await using PluginPool<ShopPlugin> pool = await Make(Pooled());
        ShopPlugin first = pool.Rent();
        Assert.Throws<PluginTrapException>(() => first.Rules.Act(1));
        PluginInstance trapped = first.Instance;
        first.Dispose();
        ShopPlugin second = pool.Rent();
        Assert.NotSame(trapped, second.Instance);
        Counter held = second.Counters.CreateCounter(0);
        PluginInstance leaking = second.Instance;
        second.Dispose();
        Assert.Equal(PluginMisuse.Disposed, Assert.Throws<PluginUseException>(() => held.Next()).Misuse);
        using ShopPlugin third = pool.Rent();
        Assert.NotSame(leaking, third.Instance);
    }

    [Fact]
    public async Task Beyond_the_limit_renting_waits()
    {
        await using PluginPool<ShopPlugin> pool = await Make(Pooled(inUse: 1));
        ShopPlugin first = pool.Rent();
        Assert.Contains("MaxInUse", Assert.Throws<PluginBudgetException>(() => pool.Rent()).Remedy, StringComparison.Ordinal);
        Task<ShopPlugin> waiting = pool.RentAsync(Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        first.Dispose();
        (await waiting).Dispose();
        Assert.Equal(1, pool.Available);
    }

    [Fact]
    public async Task A_call_in_flight_ends_on_the_old_version()
    {
        await using PluginPool<ShopPlugin> pool = await Make(Pooled());
        ShopPlugin old = pool.Rent();
        PluginComponent first = old.Instance.Component;
        Task drained = pool.SwapAsync(await fixture.Host.LoadAsync("rules", ShopGuest.Make(2), Cancel));
        using (ShopPlugin fresh = pool.Rent())
            Assert.Equal(2u, fresh.Version());
        Assert.Equal(1u, old.Version());
        Assert.False(drained.IsCompleted);
        old.Dispose();
        await drained.WaitAsync(Cancel);
        Assert.Equal(0, first.LiveInstances);
    }

    [Fact]
    public async Task A_version_that_does_not_fit_leaves_the_old_one()
    {
        await using PluginPool<ShopPlugin> pool = await Make(Pooled());
        await using PluginComponent bad = await fixture.Host.LoadAsync("rules", ShopGuest.Make(2, "2.0.0"), Cancel);
        Assert.Throws<PluginMismatchException>(() => { _ = pool.SwapAsync(bad); });
        using ShopPlugin plugin = pool.Rent();
        Assert.Equal(1u, plugin.Version());
    }

    [Fact]
    public async Task After_dispose_nothing_is_rented_and_nothing_is_left()
    {
        await using var host = new PluginHost(new PluginHostOptions { CacheDirectory = "" });
        var pool = new PluginPool<ShopPlugin>(await host.LoadAsync("rules", ShopGuest.Make(), Cancel), () => new LineLog().Imports, Pooled());
        ShopPlugin used = pool.Rent();
        pool.Rent().Dispose();
        Assert.Equal(2, host.Engine.LiveInstances / CoreModules);
        pool.Dispose();
        Assert.Equal(PluginMisuse.Disposed, Assert.Throws<PluginUseException>(() => pool.Rent()).Misuse);
        Assert.Equal(1u, used.Version());
        used.Dispose();
        await pool.DisposeAsync();
        Assert.Equal(0, host.Engine.LiveInstances);
    }

    /// <summary>Instances that one component takes: its core modules.</summary>
    private const int CoreModules = 3;

    private async Task<PluginPool<ShopPlugin>> Make(PluginOptions? options) =>
        new(await fixture.Host.LoadAsync("rules", ShopGuest.Make(), Cancel), () => new LineLog().Imports, options);

    private static async Task<uint> NextAsync(PluginPool<ShopPlugin> pool)
    {
        await using ShopPlugin plugin = await pool.RentAsync(Cancel);
        using Counter counter = plugin.Counters.CreateCounter(7);
        return counter.Next();
    }
}
