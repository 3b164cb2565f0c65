using System.Diagnostics.CodeAnalysis;

namespace Windhover.Wit.Model;

/// <summary>What can declare type names: an interface or a world.</summary>
public abstract class WitScope
{
    private readonly List<WitTypeDef> _types = [];
    private readonly Dictionary<string, WitTypeDef> _typesByName = new(StringComparer.Ordinal);

    private protected WitScope()
    {
    }

    /// <summary>The package, set when the interface or world is added to one (or is part of a world of one).</summary>
    public WitPackage? Package { get; internal set; }

    /// <summary>The documentation, without comment marks; <see langword="null"/> when there is none.</summary>
    public string? Docs { get; init; }

    public WitStability Stability { get; init; } = WitStability.None;

    /// <summary>Where the name was declared.</summary>
    public WitSpan Span { get; init; }

    /// <summary>The types in an order that puts each one after those it refers to: <c>use</c>d names first, else as declared.</summary>
    public IReadOnlyList<WitTypeDef> Types => _types;

    /// <summary>Finds a type by its name.</summary>
    public bool TryGetType(string name, [NotNullWhen(true)] out WitTypeDef? type) => _typesByName.TryGetValue(name, out type);

    private protected void AddType(WitTypeDef type)
    {
        if (type.Owner is not null)
            throw new ArgumentException($"The type '{type.Name}' already belongs to {type.Owner}.", nameof(type));
        if (_typesByName.ContainsKey(type.Name))
            throw new ArgumentException($"There is a type named '{type.Name}' already.", nameof(type));
        _typesByName.Add(type.Name, type);
        type.Owner = this;
        _types.Add(type);
    }
}

/// <summary>An interface: types and functions. One without a name was written in place in a world.</summary>
public sealed class WitInterface : WitScope
{
    private readonly List<WitFunction> _functions = [];
    private readonly Dictionary<string, WitFunction> _functionsByName = new(StringComparer.Ordinal);
    private List<WitInterface>? _dependencies;
    private int _dependenciesOfTypes;

    /// <summary>Makes an empty interface.</summary>
    /// <param name="name">The name in kebab case; <see langword="null"/> for one written in place in a world.</param>
    public WitInterface(string? name) => Name = name;

    /// <summary>The name without the package; <see langword="null"/> for one written in place in a world.</summary>
    public string? Name { get; }

    /// <summary>True for an interface written in place in a world; its import or export carries the name.</summary>
    public bool IsInline => Name is null;

    /// <summary>
    /// The full name, <c>wasi:io/poll@0.2.12</c>; <see langword="null"/> for an inline interface or one without a package.
    /// </summary>
    public string? QualifiedName => Name is null ? null : Package?.Name.Qualify(Name);

    /// <summary>The functions in declaration order, those of a resource where the resource stands.</summary>
    public IReadOnlyList<WitFunction> Functions => _functions;

    /// <summary>The named interfaces that this one <c>use</c>s types of, each once, in order of first use.</summary>
    public IReadOnlyList<WitInterface> Dependencies
    {
        get
        {
            if (_dependencies is not null && _dependenciesOfTypes == Types.Count)
                return _dependencies;
            var seen = new HashSet<WitInterface>();
            var found = new List<WitInterface>();
            foreach (var type in Types)
            {
                if (type is WitAlias { Target: WitTypeDef { Owner: WitInterface other } } && other != this && seen.Add(other))
                    found.Add(other);
            }
            _dependenciesOfTypes = Types.Count;
            return _dependencies = found;
        }
    }

    /// <summary>Adds a type and becomes its owner. A type must come after those it refers to.</summary>
    /// <exception cref="ArgumentException">The name is taken, or the type has an owner.</exception>
    public void Add(WitTypeDef type) => AddType(type ?? throw new ArgumentNullException(nameof(type)));

    /// <summary>Adds a function; a resource's function is attached to its resource too.</summary>
    /// <exception cref="ArgumentException">The canonical name is taken.</exception>
    public void Add(WitFunction function)
    {
        if (function is null)
            throw new ArgumentNullException(nameof(function));
        var name = function.CanonicalName;
        if (_functionsByName.ContainsKey(name))
            throw new ArgumentException($"There is a function named '{name}' already.", nameof(function));
        _functionsByName.Add(name, function);
        _functions.Add(function);
        (function.Resource as WitResource)?.Attach(function);
    }

    /// <summary>Finds a function by its canonical name, such as <c>[method]pollable.ready</c>.</summary>
    public bool TryGetFunction(string canonicalName, [NotNullWhen(true)] out WitFunction? function) =>
        _functionsByName.TryGetValue(canonicalName, out function);

    /// <inheritdoc/>
    public override string ToString() => QualifiedName ?? Name ?? "(inline interface)";
}
