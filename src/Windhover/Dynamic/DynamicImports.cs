using Windhover.Components.Linking;

namespace Windhover.Plugins;

/// <summary>
/// What a plug-in imports, for a world that is known at run time only: functions on dynamic values (docs/plugins.md, "Untyped"). Fill it before the first
/// plug-in is made with it; the same object serves any number of plug-ins.
/// </summary>
public sealed class DynamicImports
{
    internal static readonly DynamicImports None = new();

    private readonly List<(string Interface, string Function, Func<object?[], object?> Handler)> _functions = [];

    /// <summary>Provides a function.</summary>
    /// <param name="interface">Such as <c>shop:pricing/log@1.0.0</c>; empty for a function that the world imports itself.</param>
    /// <param name="function">Such as <c>write</c>.</param>
    /// <param name="handler">Arguments in order to the result, or null for none. The .NET types are those of <see cref="Components.Values.ComponentValues"/>.</param>
    public DynamicImports Add(string @interface, string function, Func<object?[], object?> handler)
    {
        ArgumentNullException.ThrowIfNull(@interface);
        ArgumentException.ThrowIfNullOrEmpty(function);
        ArgumentNullException.ThrowIfNull(handler);
        _functions.Add((@interface, function, handler));
        return this;
    }

    internal void Define(ComponentLinker linker)
    {
        foreach ((string name, string function, Func<object?[], object?> handler) in _functions)
            (name.Length == 0 ? linker.Root : linker.Interface(name)).DefineDynamic(function, (_, arguments) => handler(arguments));
    }
}
