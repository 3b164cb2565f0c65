using Windhover.Components.Bindings;
using Windhover.Plugins;
using Windhover.Tests.Test.Shop.Log;

namespace Windhover.Tests;

/// <summary>The world of wit/shop.wit, bound at build time as a customer would.</summary>
[WitWorld("test:shop/plugin")]
public sealed partial class ShopPlugin;

/// <summary>An ordinary class that a plug-in may call.</summary>
internal sealed class LineLog : ILog
{
    public List<string> Lines { get; } = [];

    public Action<string>? OnWrite { get; set; }

    public void Write(string line)
    {
        Lines.Add(line);
        OnWrite?.Invoke(line);
    }

    public ShopPlugin.Imports Imports => new() { Log = this };
}

/// <summary>One host for the tests of a class.</summary>
public sealed class HostFixture : IAsyncDisposable
{
    public PluginHost Host { get; } = new(new PluginHostOptions { CacheDirectory = "" });

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}
