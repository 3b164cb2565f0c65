using System.Diagnostics.CodeAnalysis;

namespace Windhover.Wit.Model;

/// <summary>One import or export of a world.</summary>
public abstract class WitWorldItem
{
    private protected WitWorldItem()
    {
    }

    /// <summary>The import or export name in the component: <c>wasi:io/poll@0.2.12</c> for a named interface, else a plain name.</summary>
    public abstract string Name { get; }

    /// <summary>The documentation on the statement, without comment marks; <see langword="null"/> when there is none.</summary>
    public string? Docs { get; init; }

    public WitStability Stability { get; init; } = WitStability.None;

    /// <summary>The text of <c>@external-id</c>, or <see langword="null"/>.</summary>
    public string? ExternalId { get; init; }

    /// <summary>Where the statement names the item; the default for an import that nobody wrote.</summary>
    public WitSpan Span { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An interface imported or exported by a world.</summary>
public sealed class WitInterfaceItem : WitWorldItem
{
    /// <summary>Makes the item.</summary>
    /// <param name="interface">The interface.</param>
    /// <param name="label">The plain name; needed for an inline interface, optional for a named one (<c>import label: iface</c>).</param>
    /// <exception cref="ArgumentException">An inline interface without a label.</exception>
    public WitInterfaceItem(WitInterface @interface, string? label = null)
    {
        Interface = @interface ?? throw new ArgumentNullException(nameof(@interface));
        if (@interface.IsInline && label is null)
            throw new ArgumentException("An inline interface needs a label.", nameof(label));
        Label = label;
    }

    public WitInterface Interface { get; }

    /// <summary>The plain name, or <see langword="null"/> when the interface's own name is the import's.</summary>
    public string? Label { get; }

    /// <inheritdoc/>
    public override string Name => Label ?? Interface.QualifiedName ?? Interface.Name!;

    /// <summary>
    /// True when no statement asked for this import: something else in the world needs its types (WIT.md "Transitive imports and worlds").
    /// </summary>
    public bool IsImplicit { get; init; }
}

/// <summary>A function imported or exported by a world itself; for a resource of the world, one of its functions.</summary>
public sealed class WitFunctionItem(WitFunction function) : WitWorldItem
{
    public WitFunction Function { get; } = function ?? throw new ArgumentNullException(nameof(function));

    /// <inheritdoc/>
    public override string Name => Function.CanonicalName;
}

/// <summary>A type that a world declares or <c>use</c>s; always an import.</summary>
public sealed class WitTypeItem(WitTypeDef type) : WitWorldItem
{
    public WitTypeDef Type { get; } = type ?? throw new ArgumentNullException(nameof(type));

    /// <inheritdoc/>
    public override string Name => Type.Name;
}

/// <summary>
/// A world: what a component imports and exports. A resolved world is complete (WIT.md "Transitive imports and worlds"): every interface
/// whose types are needed is imported, and an import comes after those it needs. Order: interfaces, types brought in by <c>use</c>, other
/// types, functions, functions of resources.
/// </summary>
public sealed class WitWorld : WitScope
{
    private readonly List<WitWorldItem> _imports = [];
    private readonly List<WitWorldItem> _exports = [];
    private readonly Dictionary<string, WitWorldItem> _importsByName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WitWorldItem> _exportsByName = new(StringComparer.Ordinal);

    /// <summary>Makes an empty world.</summary>
    public WitWorld(string name) => Name = name ?? throw new ArgumentNullException(nameof(name));

    /// <summary>The name without the package.</summary>
    public string Name { get; }

    /// <summary>The full name, <c>wasi:cli/command@0.2.12</c>; <see langword="null"/> without a package.</summary>
    public string? QualifiedName => Package?.Name.Qualify(Name);

    public IReadOnlyList<WitWorldItem> Imports => _imports;

    public IReadOnlyList<WitWorldItem> Exports => _exports;

    /// <summary>
    /// Adds an import. A type becomes owned by the world, an inline interface belongs to its package from now on. A named interface must be in
    /// its package already, since the package is part of the import's name.
    /// </summary>
    /// <exception cref="ArgumentException">The name is taken by another import.</exception>
    public void AddImport(WitWorldItem item)
    {
        Register(item, _imports, _importsByName);
        if (item is WitTypeItem type)
            AddType(type.Type);
        else if (item is WitFunctionItem { Function: { Resource: WitResource resource } function })
            resource.Attach(function);
    }

    /// <summary>Adds an export: an interface (a named one must be in its package already) or a function.</summary>
    /// <exception cref="ArgumentException">The name is taken by another export, or the item is a type.</exception>
    public void AddExport(WitWorldItem item)
    {
        if (item is WitTypeItem)
            throw new ArgumentException("A world exports types only inside interfaces.", nameof(item));
        Register(item, _exports, _exportsByName);
    }

    /// <summary>Finds an import by its name in the component.</summary>
    public bool TryGetImport(string name, [NotNullWhen(true)] out WitWorldItem? item) => _importsByName.TryGetValue(name, out item);

    /// <summary>Finds an export by its name in the component.</summary>
    public bool TryGetExport(string name, [NotNullWhen(true)] out WitWorldItem? item) => _exportsByName.TryGetValue(name, out item);

    private void Register(WitWorldItem item, List<WitWorldItem> list, Dictionary<string, WitWorldItem> byName)
    {
        if (item is null)
            throw new ArgumentNullException(nameof(item));
        if (byName.ContainsKey(item.Name))
            throw new ArgumentException($"There is an item named '{item.Name}' already.", nameof(item));
        byName.Add(item.Name, item);
        list.Add(item);
        if (item is WitInterfaceItem { Interface: { IsInline: true } inline })
            inline.Package = Package;
    }

    /// <inheritdoc/>
    public override string ToString() => QualifiedName ?? Name;
}
