using Windhover.Plugins;
using Windhover.Tests.Test.Shop.Counters;

namespace Windhover.Tests.Plugins;

public sealed class TypedCallTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_three_lines_of_the_readme()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("discount", ShopGuest.Make(3), Cancel);
        await using ShopPlugin plugin = await ShopPlugin.InstantiateAsync(component, new LineLog().Imports, cancellationToken: Cancel);
        Assert.Equal(597u, plugin.Rules.Price(199, 3));
        Assert.Equal("version 3", plugin.Rules.Describe());
        Assert.Equal(3u, plugin.Version());
        Assert.Equal("discount", plugin.Info.Name);
    }

    [Fact]
    public async Task Imports_are_ordinary_classes()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("discount", ShopGuest.Make(), Cancel);
        var log = new LineLog();
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, log.Imports);
        Assert.Equal(7u, plugin.Rules.Act(3));
        Assert.Equal(["boom"], log.Lines);
    }

    [Fact]
    public async Task Resources_are_disposable_objects()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("discount", ShopGuest.Make(), Cancel);
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports);
        using (Counter counter = plugin.Counters.CreateCounter(41))
        {
            Assert.Equal(42u, counter.Next());
            Assert.Equal(43u, counter.Next());
        }
    }

    [Fact]
    public async Task A_resource_ends_with_its_plugin()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("discount", ShopGuest.Make(), Cancel);
        ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports);
        Counter counter = plugin.Counters.CreateCounter(1);
        plugin.Dispose();
        Assert.Equal(PluginMisuse.Disposed, Assert.Throws<PluginUseException>(() => counter.Next()).Misuse);
        counter.Dispose();
    }

    [Fact]
    public async Task A_call_allocates_nothing()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("discount", ShopGuest.Make(), Cancel);
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports);
        for (int i = 0; i < 1000; i++)
            plugin.Rules.Price(1, 2);
        // The least of three rounds: the runtime may compile a method anew in one, and keeps a note of it on this thread.
        long least = Enumerable.Range(0, 3).Min(_ => Allocated(plugin, calls: 10_000));
        Assert.Equal(0, least);
    }

    private static long Allocated(ShopPlugin plugin, int calls)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < calls; i++)
            plugin.Rules.Price(1, 2);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
