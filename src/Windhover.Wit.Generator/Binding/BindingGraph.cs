using Windhover.Wit.Generator.Input;
using Windhover.Wit.Generator.Naming;
using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Binding;

/// <summary>A world and the scopes that make it up.</summary>
internal sealed record BoundWorld(WorldRequest Request, WitWorld World, IReadOnlyList<BoundScope> Imports, IReadOnlyList<BoundScope> Exports);

// All worlds of a project under one root namespace, as one graph: two worlds that import the same interface share its C#.
//
//   world a ──imports──► wasi:io/streams  (Import)   Root.Wasi.Io.Streams
//   world b ──imports──┘
//   world b ──exports──► shop:a/cart      (Export)   Root.Shop.A.Cart
//   world c ──imports──► shop:a/cart      (Import)   so the exported one moves: Root.Exports.Shop.A.Cart
internal sealed class BindingGraph
{
    private readonly Dictionary<(WitScope, Direction), BoundScope> _scopes = [];
    private readonly List<BoundScope> _ordered = [];
    private readonly HashSet<string> _severalVersions;
    private readonly HashSet<WitScope> _imported = [];
    private readonly IReadOnlyList<ExternalPackage> _externals;

    public BindingGraph(string root, IReadOnlyList<(WorldRequest Request, WitWorld World)> worlds)
    {
        Root = root;
        _externals = worlds.SelectMany(w => w.Request.Externals).Distinct().ToList();
        IEnumerable<WitWorldItem> items = worlds.SelectMany(w => w.World.Imports.Concat(w.World.Exports));
        _severalVersions = new HashSet<string>(
            items.OfType<WitInterfaceItem>().Select(i => i.Interface.Package?.Name).OfType<WitPackageName>().Distinct()
                .GroupBy(n => $"{n.Namespace}:{n.Name}").Where(g => g.Count() > 1).Select(g => g.Key),
            StringComparer.Ordinal);
        foreach (WitInterfaceItem item in worlds.SelectMany(w => w.World.Imports).OfType<WitInterfaceItem>())
            _imported.Add(item.Interface);
        Worlds = worlds.Select(w => new BoundWorld(
            w.Request,
            w.World,
            Bind(w.World, w.World.Imports, Direction.Import),
            Bind(w.World, w.World.Exports, Direction.Export))).ToList();
    }

    public string Root { get; }

    public IReadOnlyList<BoundWorld> Worlds { get; }

    /// <summary>Every scope once, in the order of the worlds' items.</summary>
    public IReadOnlyList<BoundScope> Scopes => _ordered;

    /// <summary>
    /// Where a type that is mentioned in <paramref name="from"/> stands: an exported scope refers to an exported one if there is one, else to
    /// the imported one, as a world does.
    /// </summary>
    public BoundScope Owner(WitTypeDef type, Direction from)
    {
        WitScope owner = type.Owner ?? throw new InvalidOperationException($"The type {type.Name} has no owner.");
        if (from == Direction.Export && _scopes.TryGetValue((owner, Direction.Export), out BoundScope? exported) && owner is not WitWorld)
            return exported;
        return _scopes.TryGetValue((owner, Direction.Import), out BoundScope? imported)
            ? imported
            : throw new InvalidOperationException($"No world imports {owner}, which defines {type.Name}.");
    }

    private List<BoundScope> Bind(WitWorld world, IReadOnlyList<WitWorldItem> items, Direction direction)
    {
        var scopes = new List<BoundScope>();
        foreach (WitInterfaceItem item in items.OfType<WitInterfaceItem>())
            scopes.Add(GetOrAdd(item.Interface, direction, () => BindInterface(world, item, direction)));
        List<WitFunction> functions = items.OfType<WitFunctionItem>().Select(i => i.Function).ToList();
        if (functions.Count > 0 || (direction == Direction.Import && world.Types.Any(t => t is not WitAlias)))
            scopes.Add(GetOrAdd(world, direction, () => BindWorld(world, direction, functions)));
        return scopes;
    }

    private BoundScope GetOrAdd(WitScope scope, Direction direction, Func<BoundScope> create)
    {
        if (!_scopes.TryGetValue((scope, direction), out BoundScope? bound))
        {
            bound = create();
            _scopes.Add((scope, direction), bound);
            _ordered.Add(bound);
        }

        return bound;
    }

    private BoundScope BindInterface(WitWorld world, WitInterfaceItem item, Direction direction)
    {
        WitPackageName? package = item.Interface.Package?.Name;
        string label = item.Label ?? item.Interface.Name ?? "interface";
        ExternalPackage? external = package is null || item.Label is not null ? null : _externals.FirstOrDefault(
            e => e.Package == package.Namespace || e.Package == $"{package.Namespace}:{package.Name}");
        string ns = external?.RootNamespace ?? Root;
        if (direction == Direction.Export && _imported.Contains(item.Interface))
            ns = Join(ns, "Exports");
        ns = Join(ns, PackageNamespace(package, external is not null));
        if (item.Label is not null)
            ns = Join(ns, CSharpNames.NamespacePart(world.Name));
        ns = Join(ns, CSharpNames.NamespacePart(label));
        return new BoundScope(item.Interface, direction, item.Name, CSharpNames.Pascal(label), ns, external is not null, item.Interface.Functions);
    }

    private BoundScope BindWorld(WitWorld world, Direction direction, IReadOnlyList<WitFunction> functions)
    {
        string ns = Join(Join(Root, PackageNamespace(world.Package?.Name, false)), CSharpNames.NamespacePart(world.Name));
        return new BoundScope(world, direction, null, CSharpNames.Pascal(world.Name), ns, false, functions);
    }

    private string PackageNamespace(WitPackageName? package, bool external)
    {
        if (package is null)
            return "";
        string name = CSharpNames.NamespacePart(package.Name);
        if (!external && package.Version is { } version && _severalVersions.Contains($"{package.Namespace}:{package.Name}"))
            name += "_" + CSharpNames.Version(version.ToString());
        return Join(CSharpNames.NamespacePart(package.Namespace), name);
    }

    private static string Join(string left, string right) => left.Length == 0 ? right : right.Length == 0 ? left : left + "." + right;
}
