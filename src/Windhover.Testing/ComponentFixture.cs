using Windhover.Plugins;

namespace Windhover.Testing;

/// <summary>
/// Components in tests: an engine without a cache on disk, with its own clock. As an xUnit class fixture, or in a test of its own.
/// <code>
///   await using var kit = new ComponentFixture();
///   FakeImports imports = new FakeImports().Returns("acme:shop/rates", "rate", 1.5);
///   using TestComponent plugin = await kit.LoadAsync("plugin.wasm", imports);
///   Assert.Equal("\"3.00 EUR\"", plugin.CallJson("pricing#quote", "[2]"));
///   imports.AssertCalled("acme:shop/rates", "rate", times: 1);
/// </code>
/// </summary>
public sealed class ComponentFixture : IAsyncDisposable
{
    /// <summary>Makes the host.</summary>
    public ComponentFixture()
    {
        Time = new VirtualTime();
        Host = new PluginHost(new PluginHostOptions { CacheDirectory = "", Time = Time });
    }

    /// <summary>The host; typed plug-ins are loaded through it.</summary>
    public PluginHost Host { get; }

    /// <summary>The clock of every component: stands still until the test moves it.</summary>
    public VirtualTime Time { get; }

    /// <summary>Loads a component and makes an instance of it with faked imports.</summary>
    /// <param name="path">The file.</param>
    /// <param name="imports">Answers for what it imports; null: nothing but WASI.</param>
    /// <param name="options">Grants and budget.</param>
    public async Task<TestComponent> LoadAsync(string path, FakeImports? imports = null, PluginOptions? options = null)
    {
        PluginComponent component = await Host.LoadAsync(path).ConfigureAwait(false);
        return Instantiate(component, imports, options);
    }

    /// <summary>The same for a component that is in memory.</summary>
    public async Task<TestComponent> LoadAsync(string name, ReadOnlyMemory<byte> bytes, FakeImports? imports = null, PluginOptions? options = null)
    {
        PluginComponent component = await Host.LoadAsync(name, bytes).ConfigureAwait(false);
        return Instantiate(component, imports, options);
    }

    private static TestComponent Instantiate(PluginComponent component, FakeImports? imports, PluginOptions? options)
    {
        imports ??= new FakeImports();
        try
        {
            return new TestComponent(component, DynamicPlugin.Instantiate(component, imports.ToImports(component), options), imports);
        }
        catch
        {
            component.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>A component under test: its functions by name, on values or JSON.</summary>
public sealed class TestComponent : IDisposable
{
    private readonly PluginComponent _component;

    internal TestComponent(PluginComponent component, DynamicPlugin plugin, FakeImports imports)
    {
        _component = component;
        Plugin = plugin;
        Imports = imports;
    }

    /// <summary>The plug-in.</summary>
    public DynamicPlugin Plugin { get; }

    /// <summary>What it was given to call, and what it called.</summary>
    public FakeImports Imports { get; }

    /// <summary>Calls a function; see <see cref="DynamicPlugin.Call(string, object?[])"/>.</summary>
    public object? Call(string function, params object?[] arguments) => Plugin.Call(function, arguments);

    /// <summary>Calls a function with JSON; see <see cref="DynamicPlugin.CallJson"/>.</summary>
    public string CallJson(string function, string arguments) => Plugin.CallJson(function, arguments);

    /// <inheritdoc/>
    public void Dispose()
    {
        Plugin.Dispose();
        _component.Dispose();
    }
}
