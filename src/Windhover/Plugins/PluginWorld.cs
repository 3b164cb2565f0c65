namespace Windhover.Plugins;

/// <summary>A world as a host knows it: enough to say in words whether a component fits. Made by generated code.</summary>
/// <param name="Name">With its version: <c>shop:pricing/plugin@1.2.0</c>.</param>
/// <param name="Imports">What the host offers.</param>
/// <param name="Exports">What a plug-in must have.</param>
public sealed record PluginWorld(string Name, IReadOnlyList<PluginInterface> Imports, IReadOnlyList<PluginInterface> Exports)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An interface of a world.</summary>
/// <param name="Name">As components import or export it; empty for the world's own functions.</param>
/// <param name="Functions">Its functions.</param>
public sealed record PluginInterface(string Name, IReadOnlyList<PluginFunction> Functions);

/// <summary>A function of an interface.</summary>
/// <param name="Name">Such as <c>quote</c> or <c>[method]basket.add</c>.</param>
/// <param name="Signature">Its type with every name written out.</param>
public sealed record PluginFunction(string Name, string Signature);
