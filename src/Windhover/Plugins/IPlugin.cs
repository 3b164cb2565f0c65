using System.ComponentModel;
using Windhover.Components.Linking;

namespace Windhover.Plugins;

/// <summary>What Windhover.Wit.Generator writes for a class with <c>[WitWorld]</c>: how to make plug-ins of it.</summary>
/// <typeparam name="TSelf">The class.</typeparam>
public interface IPlugin<TSelf>
    where TSelf : Plugin, IPlugin<TSelf>
{
    /// <summary>The world.</summary>
    static abstract PluginWorld World { get; }

    /// <summary>Provides the world's imports; each call finds the implementation in the <see cref="PluginInstance"/>.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract void DefineImports(ComponentLinker linker);

    /// <summary>Finds the world's exports in a component, once.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract object BindExports(PreparedComponent component);

    /// <summary>Makes the object.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract TSelf CreatePlugin(PluginInstance instance, object exports);

    /// <summary>Gathers the implementations of the world's imports; null when the world has none.</summary>
    /// <exception cref="InvalidOperationException">One is not registered; the message names the interface.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    static abstract object? ResolveImports(IServiceProvider services);
}
