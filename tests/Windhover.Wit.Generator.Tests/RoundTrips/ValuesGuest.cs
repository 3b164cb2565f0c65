using System.Collections.Concurrent;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>The engine and the prepared guests, once for all tests of the class.</summary>
public sealed class ValuesGuest : IDisposable
{
    private readonly ConcurrentDictionary<string, (Component Component, PreparedComponent Prepared, ValuesWorld World)> _guests = [];
    private readonly WasmEngine _engine = new();

    internal Running Start(string file)
    {
        (_, PreparedComponent prepared, ValuesWorld world) = _guests.GetOrAdd(file, Load);
        var host = new HostState();
        var store = new Store(_engine);
        return new Running(store, prepared.Instantiate(store, host), world, host);
    }

    private (Component, PreparedComponent, ValuesWorld) Load(string file)
    {
        Component component = Component.Load(_engine, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "values", file)));
        var linker = new ComponentLinker(_engine);
        ValuesWorld.Define(linker, static state => ((HostState)state!).Echo, static state => ((HostState)state!).Counters);
        PreparedComponent prepared = linker.Prepare(component);
        return (component, prepared, ValuesWorld.Bind(prepared));
    }

    public void Dispose()
    {
        foreach ((Component component, PreparedComponent prepared, _) in _guests.Values)
        {
            prepared.Dispose();
            component.Dispose();
        }

        _engine.Dispose();
    }

    internal sealed record HostState
    {
        public Echo Echo { get; } = new();

        public Counters Counters { get; } = new();
    }

    internal sealed record Running(Store Store, ComponentInstance Instance, ValuesWorld World, HostState Host) : IDisposable
    {
        public void Dispose()
        {
            Instance.Dispose();
            Store.Dispose();
        }
    }
}
