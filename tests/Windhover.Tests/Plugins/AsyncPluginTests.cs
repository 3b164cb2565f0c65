using System.Collections.Concurrent;
using Windhover.Components.Bindings;
using Windhover.Plugins;
using Windhover.Tests.Windhover_.Guests.AsyncHost;

namespace Windhover.Tests.Plugins;

/// <summary>The world of guests/c-async as a plug-in.</summary>
[WitWorld("windhover:guests/c-async", RootNamespace = "Windhover.Tests")]
public sealed partial class AsyncPlugin;

public sealed class AsyncPluginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Asynchronous_calls_of_one_plugin_overlap_and_dispose_waits_for_them()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync(Path.Combine(AppContext.BaseDirectory, "guests", "c-async.wasm"), Cancel);
        var host = new LaterHost();
        AsyncPlugin plugin = await AsyncPlugin.InstantiateAsync(component, new() { AsyncHost = host }, cancellationToken: Cancel);
        Task<uint> first = plugin.AsyncApi.TwiceAsync(1, Cancel).AsTask(), second = plugin.AsyncApi.TwiceAsync(2, Cancel).AsTask();
        Assert.False(first.IsCompleted || second.IsCompleted);
        Task disposal = plugin.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        host.Return(2);
        Assert.Equal(4u, await second.WaitAsync(Cancel));
        Assert.False(disposal.IsCompleted);
        host.Return(1);
        Assert.Equal(2u, await first.WaitAsync(Cancel));
        await disposal.WaitAsync(Cancel);
        PluginUseException error = await Assert.ThrowsAsync<PluginUseException>(() => plugin.AsyncApi.TwiceAsync(3, Cancel).AsTask());
        Assert.Equal((PluginMisuse.Disposed, "windhover:guests/async-api#twice"), (error.Misuse, error.Function));
    }

    [Fact]
    public async Task A_trap_in_an_asynchronous_call()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync(Path.Combine(AppContext.BaseDirectory, "guests", "c-async.wasm"), Cancel);
        await using AsyncPlugin plugin = AsyncPlugin.Instantiate(component, new() { AsyncHost = new LaterHost() });
        PluginTrapException trap = await Assert.ThrowsAsync<PluginTrapException>(() => plugin.AsyncApi.TrapAsync(Cancel).AsTask());
        Assert.Equal(("c-async", "windhover:guests/async-api#trap"), (trap.Plugin, trap.Function));
    }

    private sealed class LaterHost : IAsyncHost
    {
        private readonly ConcurrentDictionary<uint, TaskCompletionSource> _calls = [];

        public void Return(uint v) => Call(v).SetResult();

        public async ValueTask<uint> LaterAsync(uint v, CancellationToken cancellationToken)
        {
            await Call(v).Task.WaitAsync(cancellationToken);
            return v;
        }

        public ValueTask<string> GreetAsync(string name, CancellationToken cancellationToken) => new(name);

        public void Log(string line)
        {
        }

        private TaskCompletionSource Call(uint v) => _calls.GetOrAdd(v, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
