namespace Windhover.Components.Binary;

/// <summary>A type index resolved far enough to be written as WIT: its definition, the scope that its indices mean, the name it got.</summary>
internal sealed class TypeNode(TypeExpr? expr, TypeScope scope, TypeNode? original = null)
{
    /// <summary>Null for an abstract resource.</summary>
    public TypeExpr? Expr { get; } = expr;

    /// <summary>Where the indices in <see cref="Expr"/> point.</summary>
    public TypeScope Scope { get; } = scope;

    /// <summary>What an import or export gave a further index to.</summary>
    public TypeNode? Original { get; } = original;

    public bool IsResource => Expr is null or TypeExpr.Resource;

    /// <summary>The name that WIT knows it by; null until an interface or world declares one.</summary>
    public Windhover.Wit.Model.WitTypeDef? Def { get; set; }

    /// <summary>A further index for the same type.</summary>
    public TypeNode Renamed() => new(Expr, Scope, this);
}

/// <summary>What an instance exports, in order: type nodes, function type nodes, instances; other things as null.</summary>
internal sealed class InstanceNode
{
    private readonly Dictionary<string, (Sort Sort, object? Item)> _byName = new(StringComparer.Ordinal);
    private readonly List<(ExternName Name, Sort Sort, object? Item)> _exports = [];

    public IReadOnlyList<(ExternName Name, Sort Sort, object? Item)> Exports => _exports;

    public void Add(ExternName name, Sort sort, object? item)
    {
        _exports.Add((name, sort, item));
        _byName.TryAdd(name.Raw, (sort, item));
    }

    public (Sort Sort, object? Item) Find(string name) => _byName.TryGetValue(name, out var found)
        ? found
        : throw new InvalidComponentException($"an alias refers to the export `{name}`, which the instance does not have");
}

/// <summary>A component that can be instantiated: its definitions, or the declarators of its type when it is imported.</summary>
internal sealed record ComponentNode(IReadOnlyList<Definition> Definitions, TypeScope Scope);

/// <summary>The index spaces that matter to WIT, of one component, component type or instance type.</summary>
internal sealed class TypeScope(TypeScope? parent)
{
    public TypeScope? Parent { get; } = parent;

    public List<TypeNode> Types { get; } = [];

    /// <summary>The type of each function.</summary>
    public List<TypeNode> Funcs { get; } = [];

    public List<InstanceNode> Instances { get; } = [];

    public List<ComponentNode> Components { get; } = [];

    public TypeNode Type(int index) => At(Types, index, "type");

    public TypeScope Outer(int count)
    {
        var scope = this;
        for (; count > 0; count--)
            scope = scope.Parent ?? throw new InvalidComponentException("an outer alias goes past the outermost component");
        return scope;
    }

    /// <summary>The item of a sort; null for sorts that have no place in WIT (core items, values).</summary>
    public object? Item(Sort sort, int index) => sort switch
    {
        Sort.Type => Type(index),
        Sort.Func => At(Funcs, index, "function"),
        Sort.Instance => At(Instances, index, "instance"),
        Sort.Component => At(Components, index, "component"),
        _ => null,
    };

    /// <summary>Appends an item to the index space of its sort.</summary>
    public void Add(Sort sort, object? item)
    {
        switch (sort)
        {
            case Sort.Type:
                Types.Add(Cast<TypeNode>(item, sort));
                break;
            case Sort.Func:
                Funcs.Add(Cast<TypeNode>(item, sort));
                break;
            case Sort.Instance:
                Instances.Add(Cast<InstanceNode>(item, sort));
                break;
            case Sort.Component:
                Components.Add(Cast<ComponentNode>(item, sort));
                break;
        }
    }

    private static T Cast<T>(object? item, Sort sort)
        where T : class => item as T ?? throw new InvalidComponentException($"something that is not a {sort.Display()} is used as one");

    private static T At<T>(List<T> list, int index, string what) =>
        index < list.Count ? list[index] : throw new InvalidComponentException($"{what} {index} is not defined: there are {list.Count}");
}
