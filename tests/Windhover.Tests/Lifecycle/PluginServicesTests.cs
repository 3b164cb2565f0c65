using Microsoft.Extensions.DependencyInjection;
using Windhover.Plugins;
using Windhover.Tests.Test.Shop.Log;

namespace Windhover.Tests.Lifecycle;

public sealed class PluginServicesTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".wasm");

    public PluginServicesTests() => File.WriteAllBytes(_path, ShopGuest.Make(5));

    public void Dispose() => File.Delete(_path);

    [Fact]
    public async Task A_plugin_is_a_scoped_service_and_its_imports_are_services()
    {
        await using ServiceProvider provider = Provider(_ => { });
        await using (AsyncServiceScope scope = provider.CreateAsyncScope())
        {
            var plugin = scope.ServiceProvider.GetRequiredService<ShopPlugin>();
            Assert.Equal(7u, plugin.Rules.Act(3));
            Assert.Same(plugin, scope.ServiceProvider.GetRequiredService<ShopPlugin>());
            Assert.Equal(["boom"], ((LineLog)scope.ServiceProvider.GetRequiredService<ILog>()).Lines);
        }

        Assert.Equal(0, provider.GetRequiredService<PluginHost>().Engine.LiveInstances);
    }

    [Fact]
    public async Task A_pooled_plugin_has_a_scope_of_its_own()
    {
        await using ServiceProvider provider = Provider(o => o.Pool = new PluginPoolOptions { MaxUses = 10 });
        PluginInstance first;
        await using (AsyncServiceScope scope = provider.CreateAsyncScope())
        {
            var plugin = scope.ServiceProvider.GetRequiredService<ShopPlugin>();
            first = plugin.Instance;
            plugin.Rules.Act(3);
            Assert.Empty(((LineLog)scope.ServiceProvider.GetRequiredService<ILog>()).Lines);
        }

        using IServiceScope second = provider.CreateScope();
        Assert.Same(first, second.ServiceProvider.GetRequiredService<ShopPlugin>().Instance);
    }

    [Fact]
    public void An_import_that_nobody_registered()
    {
        using ServiceProvider provider = new ServiceCollection().AddPluginHost(o => o with { CacheDirectory = "" }).AddPlugin<ShopPlugin>(_path).BuildServiceProvider();
        using IServiceScope scope = provider.CreateScope();
        var error = Assert.Throws<InvalidOperationException>(() => scope.ServiceProvider.GetRequiredService<ShopPlugin>());
        Assert.Contains("test:shop/log@1.1.0", error.Message, StringComparison.Ordinal);
        Assert.Contains("AddScoped<ILog", error.Message, StringComparison.Ordinal);
    }

    private ServiceProvider Provider(Action<PluginOptions> configure) => new ServiceCollection()
        .AddPluginHost(o => o with { CacheDirectory = "" })
        .AddScoped<ILog, LineLog>()
        .AddPlugin<ShopPlugin>(_path, configure)
        .BuildServiceProvider();
}
