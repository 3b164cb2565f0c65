using Windhover.Engine;
using Windhover.Plugins;

namespace Windhover.Tests.Plugins;

/// <summary>Whatever goes wrong is a typed exception that names the plug-in, the function and the remedy, and the host goes on.</summary>
public sealed class BadInputTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_trap_in_the_middle_of_a_call()
    {
        await using PluginComponent component = await Load();
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports);
        PluginTrapException trap = Assert.Throws<PluginTrapException>(() => plugin.Rules.Act(1));
        Assert.Equal(("discount", "test:shop/rules@1.1.0#act", TrapKind.Unreachable), (trap.Plugin, trap.Function, trap.Kind));
        Assert.NotEmpty(trap.Frames);
        Assert.Contains("new one", trap.Message, StringComparison.Ordinal);
        Assert.Contains("earlier call failed", Assert.Throws<PluginTrapException>(() => plugin.Rules.Price(1, 1)).Message, StringComparison.Ordinal);
        using ShopPlugin next = ShopPlugin.Instantiate(component, new LineLog().Imports);
        Assert.Equal(2u, next.Rules.Price(1, 2));
    }

    [Fact]
    public async Task A_call_that_never_ends()
    {
        await using PluginComponent component = await Load();
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports, new PluginOptions { CallTimeout = TimeSpan.FromMilliseconds(50) });
        PluginBudgetException error = Assert.Throws<PluginBudgetException>(() => plugin.Rules.Act(2));
        Assert.Equal(TrapKind.Interrupt, error.Kind);
        Assert.Contains("0.05 s", error.Message, StringComparison.Ordinal);
        Assert.Contains("CallTimeout", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_memory_than_allowed_is_refused()
    {
        await using PluginComponent component = await Load();
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports);
        Assert.Equal(uint.MaxValue, plugin.Rules.Act(4));
        Assert.Equal(2u, plugin.Rules.Price(1, 2));
    }

    [Fact]
    public async Task An_import_that_throws()
    {
        await using PluginComponent component = await Load();
        var cause = new InvalidOperationException("the disk is full");
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog { OnWrite = _ => throw cause }.Imports);
        PluginImportException error = Assert.Throws<PluginImportException>(() => plugin.Rules.Act(3));
        Assert.Equal(("discount", "test:shop/rules@1.1.0#act", "test:shop/log@1.1.0#write"), (error.Plugin, error.Function, error.Import));
        Assert.Same(cause, error.Cause);
        Assert.Contains("the disk is full", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_call_after_dispose()
    {
        await using PluginComponent component = await Load();
        ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports);
        await plugin.DisposeAsync();
        plugin.Dispose();
        PluginUseException error = Assert.Throws<PluginUseException>(() => plugin.Version());
        Assert.Equal((PluginMisuse.Disposed, "version", "discount"), (error.Misuse, error.Function, error.Plugin));
    }

    [Fact]
    public async Task A_call_from_inside_a_call()
    {
        await using PluginComponent component = await Load();
        var log = new LineLog();
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, log.Imports);
        log.OnWrite = _ => plugin.Rules.Price(1, 1);
        PluginImportException error = Assert.Throws<PluginImportException>(() => plugin.Rules.Act(3));
        Assert.Equal(PluginMisuse.Reentrance, Assert.IsType<PluginUseException>(error.Cause).Misuse);
    }

    [Fact]
    public async Task A_call_from_a_second_thread()
    {
        await using PluginComponent component = await Load();
        var log = new LineLog();
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, log.Imports);
        PluginUseException? seen = null;
        log.OnWrite = _ =>
        {
            var second = new Thread(() => seen = Record.Exception(() => plugin.Rules.Price(1, 1)) as PluginUseException);
            second.Start();
            second.Join();
        };
        Assert.Equal(7u, plugin.Rules.Act(3));
        Assert.Equal(PluginMisuse.SecondThread, seen?.Misuse);
        Assert.Contains("PluginPool", seen!.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dispose_from_a_second_thread_lets_the_call_end()
    {
        await using PluginComponent component = await Load();
        var log = new LineLog();
        ShopPlugin plugin = ShopPlugin.Instantiate(component, log.Imports);
        Task? disposal = null;
        log.OnWrite = _ =>
        {
            var second = new Thread(() => disposal = plugin.DisposeAsync().AsTask());
            second.Start();
            second.Join();
            Assert.False(disposal!.IsCompleted);
        };
        Assert.Equal(7u, plugin.Rules.Act(3));
        await disposal!.WaitAsync(Cancel);
        Assert.Equal(0, component.LiveInstances);
        Assert.Throws<PluginUseException>(() => plugin.Version());
    }

    [Fact]
    public async Task A_plugin_for_a_later_major_version()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("later", ShopGuest.Make(package: "2.0.0"), Cancel);
        PluginMismatchException error = Assert.Throws<PluginMismatchException>(() => ShopPlugin.Instantiate(component, new LineLog().Imports));
        Assert.Equal("test:shop/plugin@1.1.0", error.World);
        Assert.Contains("it does not export the interface `test:shop/rules@1.1.0`; it has `test:shop/rules@2.0.0`", error.Message, StringComparison.Ordinal);
        Assert.Contains("it imports `test:shop/log@2.0.0`, which the host does not offer; it offers `test:shop/log@1.1.0`", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, component.LiveInstances);
    }

    [Fact]
    public async Task A_plugin_of_another_world()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("other", ShopGuest.Make(rules: false), Cancel);
        PluginMismatchException error = Assert.Throws<PluginMismatchException>(() => ShopPlugin.Instantiate(component, new LineLog().Imports));
        Assert.Contains("it does not export the interface `test:shop/rules@1.1.0`", Assert.Single(error.Findings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.1.0", true)]
    [InlineData("1.0.3", true)]
    [InlineData("1.4.0", true)]
    [InlineData("2.0.0", false)]
    public async Task Versions_of_one_track_serve_each_other(string version, bool fits)
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("versions", ShopGuest.Make(package: version), Cancel);
        Assert.Equal(fits, component.Check(ShopPlugin.World).Count == 0);
        Assert.Equal(fits ? ShopPlugin.World : null, component.Negotiate(ShopPlugin.World));
        if (!fits)
            return;
        using ShopPlugin plugin = ShopPlugin.Instantiate(component, new LineLog().Imports);
        Assert.Equal(6u, plugin.Rules.Price(2, 3));
    }

    [Fact]
    public async Task What_is_no_component()
    {
        string missing = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".wasm");
        Assert.Contains("does not exist", (await Assert.ThrowsAsync<PluginLoadException>(() => fixture.Host.LoadAsync(missing, Cancel).AsTask())).Message, StringComparison.Ordinal);
        Assert.Contains("is a directory", (await Assert.ThrowsAsync<PluginLoadException>(() => fixture.Host.LoadAsync(Path.GetTempPath(), Cancel).AsTask())).Message, StringComparison.Ordinal);
        Assert.Contains("CoreModule", (await Bad(WatCompiler.Compile("(module)"))).Message, StringComparison.Ordinal);
        Assert.Contains("an empty file", (await Bad([])).Message, StringComparison.Ordinal);
        byte[] cut = ShopGuest.Make();
        Assert.Contains("invalid", (await Bad(cut[..^20])).Message, StringComparison.Ordinal);

        async Task<PluginLoadException> Bad(byte[] bytes) =>
            await Assert.ThrowsAsync<PluginLoadException>(() => fixture.Host.LoadAsync("bad", bytes, Cancel).AsTask());
    }

    private ValueTask<PluginComponent> Load() => fixture.Host.LoadAsync("discount", ShopGuest.Make(), Cancel);
}
