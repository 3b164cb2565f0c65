using System.Threading.Channels;
using Windhover.Plugins;

namespace Windhover.Tests.Lifecycle;

public sealed class PluginDirectoryTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Files_that_come_change_and_go_are_followed()
    {
        string path = Directory.CreateTempSubdirectory("windhover-plugins").FullName;
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(path, "a.wasm"), ShopGuest.Make(1), Cancel);
            var seen = Channel.CreateUnbounded<PluginDirectoryEvent>();
            await using PluginDirectory<ShopPlugin> directory = await fixture.Host.WatchAsync<ShopPlugin>(
                path, () => new LineLog().Imports, changed: e => seen.Writer.TryWrite(e), cancellationToken: Cancel);
            Assert.Equal((PluginChange.Loaded, "a"), await Next());
            Assert.Equal(1u, Version(directory, "a"));

            await File.WriteAllBytesAsync(Path.Combine(path, "new"), ShopGuest.Make(2), Cancel);
            File.Move(Path.Combine(path, "new"), Path.Combine(path, "a.wasm"), overwrite: true);
            Assert.Equal((PluginChange.Swapped, "a"), await Next());
            Assert.Equal(2u, Version(directory, "a"));

            await File.WriteAllBytesAsync(Path.Combine(path, "b.wasm"), ShopGuest.Make(7), Cancel);
            Assert.Equal((PluginChange.Loaded, "b"), await Next());
            Assert.Equal(["a", "b"], directory.Names);

            await File.WriteAllTextAsync(Path.Combine(path, "a.wasm"), "no component", Cancel);
            Assert.Equal((PluginChange.Failed, "a"), await Next());
            Assert.Equal(2u, Version(directory, "a"));

            File.Delete(Path.Combine(path, "b.wasm"));
            Assert.Equal((PluginChange.Unloaded, "b"), await Next());
            Assert.False(directory.TryGet("b", out _));

            async Task<(PluginChange, string)> Next()
            {
                PluginDirectoryEvent e = await seen.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel);
                return (e.Change, e.Name);
            }
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    private static uint Version(PluginDirectory<ShopPlugin> directory, string name)
    {
        Assert.True(directory.TryGet(name, out PluginPool<ShopPlugin>? pool));
        using ShopPlugin plugin = pool.Rent();
        return plugin.Version();
    }
}
