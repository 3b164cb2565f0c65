using Windhover.Components.Binary;
using Windhover.Plugins;
using Windhover.Wit;
using Windhover.Wit.Model;

namespace Windhover.Testing;

/// <summary>A component does not fit a world; the message says what is missing, in words.</summary>
public sealed class ComponentFitException(string component, string world, IReadOnlyList<string> findings)
    : Exception($"{component} does not fit the world `{world}`:\n{string.Join('\n', findings.Select(f => $"- {f}"))}")
{
    /// <summary>What does not fit, one sentence each.</summary>
    public IReadOnlyList<string> Findings { get; } = findings;
}

/// <summary>Checks of components against worlds. Reads types only: nothing is compiled or run.</summary>
public static class ComponentFit
{
    /// <summary>What does not fit, one sentence each; none when it fits.</summary>
    /// <param name="component">The component's binary.</param>
    /// <param name="world">The world, as generated classes have it in <c>World</c>, or <see cref="WorldOf"/>.</param>
    /// <param name="alsoOffered">Interfaces that the host offers beside the world; null: WASI 0.2.</param>
    /// <exception cref="InvalidComponentException">The bytes are no component.</exception>
    public static IReadOnlyList<string> Check(ReadOnlyMemory<byte> component, PluginWorld world, IEnumerable<string>? alsoOffered = null)
    {
        ComponentWit wit = ComponentWit.Read(component);
        return PluginFit.Check(wit, world, alsoOffered ?? Wasi(wit));
    }

    /// <summary>As <see cref="Check"/>, for a file, and throws when something does not fit.</summary>
    /// <exception cref="ComponentFitException">It does not fit.</exception>
    public static void Ensure(string path, PluginWorld world)
    {
        ArgumentNullException.ThrowIfNull(world);
        IReadOnlyList<string> findings = Check(File.ReadAllBytes(path), world);
        if (findings.Count > 0)
            throw new ComponentFitException(path, world.Name, findings);
    }

    /// <summary>A world out of WIT text, for tests of components that have no host of their own yet.</summary>
    /// <param name="folder">The folder with the WIT: a package, its dependencies in <c>deps</c>.</param>
    /// <param name="world">The world; null for the only one.</param>
    /// <exception cref="WitException">The WIT has an error, or there is no such world.</exception>
    public static PluginWorld WorldOf(string folder, string? world = null)
    {
        WitWorld found = WitResolver.ParseDirectory(folder).SelectWorld(world);
        return new PluginWorld(found.ToString(), Interfaces(found.Imports), Interfaces(found.Exports));
    }

    private static List<PluginInterface> Interfaces(IReadOnlyList<WitWorldItem> items)
    {
        var all = items.OfType<WitInterfaceItem>().Select(i => Of(i.Name, i.Interface.Functions)).ToList();
        WitFunction[] own = [.. items.OfType<WitFunctionItem>().Select(f => f.Function)];
        if (own.Length > 0)
            all.Add(Of("", own));
        return all;
    }

    private static PluginInterface Of(string name, IReadOnlyList<WitFunction> functions) =>
        new(name, [.. functions.Select(f => new PluginFunction(f.CanonicalName, SignatureText.Of(f)))]);

    private static IEnumerable<string> Wasi(ComponentWit wit) => wit.World.Imports.Select(i => i.Name).Where(n => n.StartsWith("wasi:", StringComparison.Ordinal));
}
