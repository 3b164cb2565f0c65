using System.Diagnostics.CodeAnalysis;

namespace Windhover.Wit.Model;

/// <summary>A package: interfaces and worlds under one name.</summary>
public sealed class WitPackage
{
    private readonly List<WitInterface> _interfaces = [];
    private readonly List<WitWorld> _worlds = [];
    private readonly Dictionary<string, WitScope> _byName = new(StringComparer.Ordinal);

    /// <summary>Makes an empty package.</summary>
    public WitPackage(WitPackageName name) => Name = name ?? throw new ArgumentNullException(nameof(name));

    public WitPackageName Name { get; }

    /// <summary>The documentation on the <c>package</c> statement, or <see langword="null"/>.</summary>
    public string? Docs { get; init; }

    /// <summary>Where the package's name was declared.</summary>
    public WitSpan Span { get; init; }

    /// <summary>The interfaces, each after those it uses, else in declaration order.</summary>
    public IReadOnlyList<WitInterface> Interfaces => _interfaces;

    /// <summary>The worlds, each after those it includes, else in declaration order.</summary>
    public IReadOnlyList<WitWorld> Worlds => _worlds;

    /// <summary>Adds an interface with a name.</summary>
    /// <exception cref="ArgumentException">The interface has no name, or the name is taken.</exception>
    public void Add(WitInterface item)
    {
        if (item is null)
            throw new ArgumentNullException(nameof(item));
        Register(item.Name ?? throw new ArgumentException("An inline interface belongs to a world.", nameof(item)), item);
        _interfaces.Add(item);
    }

    /// <summary>Adds a world.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public void Add(WitWorld item)
    {
        if (item is null)
            throw new ArgumentNullException(nameof(item));
        Register(item.Name, item);
        _worlds.Add(item);
        foreach (var part in item.Imports.Concat(item.Exports))
        {
            if (part is WitInterfaceItem { Interface: { IsInline: true } inline })
                inline.Package = this;
        }
    }

    /// <summary>Finds an interface by its name without the package.</summary>
    public bool TryGetInterface(string name, [NotNullWhen(true)] out WitInterface? item) =>
        (item = _byName.TryGetValue(name, out var found) ? found as WitInterface : null) is not null;

    /// <summary>Finds a world by its name without the package.</summary>
    public bool TryGetWorld(string name, [NotNullWhen(true)] out WitWorld? item) =>
        (item = _byName.TryGetValue(name, out var found) ? found as WitWorld : null) is not null;

    /// <inheritdoc/>
    public override string ToString() => Name.ToString();

    private void Register(string name, WitScope item)
    {
        if (item.Package is not null)
            throw new ArgumentException($"'{name}' already belongs to {item.Package}.", nameof(item));
        if (_byName.ContainsKey(name))
            throw new ArgumentException($"There is an item named '{name}' already.", nameof(name));
        _byName.Add(name, item);
        item.Package = this;
    }
}
