using Windhover.Wit.Model;
using Windhover.Wit.Syntax;

namespace Windhover.Wit.Resolution;

/// <summary>What a path leads to.</summary>
internal readonly record struct ScopeReference(WitScope? Model, string Name, object? Owner, bool IsWorld = false);

// Turns the files of one package into model objects, once all packages it depends on are done.
//
//  (1) every interface and world gets its place in the package's names,
//  (2) every file gets its own names: its top-level `use`s, then the package's,
//  (3) interfaces and worlds are put in an order in which each comes after what it `use`s or `include`s; a cycle ends it here,
//  (4) interfaces are resolved in that order (ScopeResolver), then worlds (WorldResolver).
//
// Errors are reported and worked around (a type that cannot be found counts as `u32`), so that one run shows several of them.
internal sealed class PackageResolver
{
    /// <summary>Interfaces that may build on each other in a chain. WASI has chains of 4.</summary>
    private const int MaxInterfaceDepth = 200;

    private readonly ResolveContext _context;
    private readonly PackageUnit _unit;
    private readonly Dictionary<string, Entry> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<UnitSyntax, Dictionary<string, Entry>> _fileNames = [];

    private PackageResolver(PackageUnit unit, ResolveContext context)
    {
        _unit = unit;
        _context = context;
        Package = new WitPackage(unit.Name) { Docs = unit.Docs, Span = unit.Span };
    }

    public WitPackage Package { get; }

    public static WitPackage Resolve(PackageUnit unit, ResolveContext context)
    {
        var resolver = new PackageResolver(unit, context);
        context.Packages.Add(unit.Name, resolver.Package);
        var entries = resolver.DeclareScopes();
        foreach (var file in unit.Files)
            resolver.DeclareUses(file);
        var order = resolver.Order(entries);
        foreach (var entry in order.Where(e => !e.IsWorld))
            resolver.ResolveInterface(entry);
        foreach (var entry in order.Where(e => e.IsWorld))
            resolver.ResolveWorld(entry);
        return resolver.Package;
    }

    /// <summary>Finds an interface; <see langword="null"/> after reporting why there is none.</summary>
    public WitInterface? FindInterface(PathSyntax path, UnitSyntax file)
    {
        switch (Find(path, file))
        {
            case { Model: WitInterface found }:
                return found;
            case { IsWorld: true }:
                _context.Report(path.Name.Span, $"`{path.Name.Text}` is a world, not an interface",
                    "an interface holds the types and functions that can be used");
                return null;
            default:
                return null;
        }
    }

    /// <summary>Finds a world; <see langword="null"/> after reporting why there is none.</summary>
    public WitWorld? FindWorld(PathSyntax path, UnitSyntax file)
    {
        switch (Find(path, file))
        {
            case { Model: WitWorld found }:
                return found;
            case { Model: WitInterface }:
                _context.Report(path.Name.Span, $"`{path.Name.Text}` is an interface, not a world",
                    "import or export an interface instead of including it");
                return null;
            default:
                return null;
        }
    }

    // (1)
    private List<Entry> DeclareScopes()
    {
        var entries = new List<Entry>();
        foreach (var file in _unit.Files)
        {
            foreach (var scope in file.Scopes)
            {
                var entry = new Entry(scope.Name) { Syntax = scope, File = file, Index = entries.Count };
                if (_names.TryGetValue(scope.Name.Text, out var other))
                {
                    _context.Report(scope.Name.Span, $"`{scope.Name.Text}` is declared twice in package `{_unit.Name}`",
                        $"the other one is at {other.Name.Span}");
                    continue;
                }
                _names.Add(scope.Name.Text, entry);
                entries.Add(entry);
            }
        }
        return entries;
    }

    // (2)
    private void DeclareUses(UnitSyntax file)
    {
        var names = new Dictionary<string, Entry>(StringComparer.Ordinal);
        _fileNames.Add(file, names);
        foreach (var use in file.Uses)
        {
            var entry = new Entry(use.Alias) { File = file };
            if (use.Path.Package is not null)
                entry.Foreign = use.Path;
            else if (_names.TryGetValue(use.Path.Name.Text, out var local))
                entry = local;
            else
            {
                ReportUnknownScope(use.Path.Name, _names.Keys);
                continue;
            }
            if (entry.Foreign is { } path && FindForeign(path) is { IsWorld: true })
                _context.Report(path.Name.Span,
                    $"`{path.Name.Text}` is a world of package `{path.Package}`, and a top-level `use` names an interface", null);
            if (names.ContainsKey(use.Alias.Text))
                _context.Report(use.Alias.Span, $"`{use.Alias.Text}` is declared twice in this file",
                    "give one of them another name with `as`");
            else
                names.Add(use.Alias.Text, entry);
        }
        foreach (var scope in file.Scopes)
        {
            if (names.ContainsKey(scope.Name.Text))
                _context.Report(scope.Name.Span, $"`{scope.Name.Text}` is declared here and brought in by `use` in the same file",
                    "give the used name another one with `as`");
        }
    }

    // (3)
    private List<Entry> Order(List<Entry> entries)
    {
        var needs = new List<IReadOnlyList<int>>();
        foreach (var entry in entries)
        {
            var list = new List<int>();
            foreach (var member in entry.Syntax!.Members)
            {
                var path = entry.IsWorld ? (member as IncludeSyntax)?.From : (member as UseSyntax)?.From;
                if (path is { Package: null } && FindEntry(path.Name.Text, entry.File!) is { Syntax: not null } found)
                    list.Add(found.Index);
            }
            needs.Add(list);
        }
        if (DependencyOrder.Sort(needs, out var cycle) is { } order)
            return order.ConvertAll(o => entries[o]);
        var needed = entries[needs[cycle.Node][cycle.Need]];
        throw _context.Abort(needed.Name.Span, $"`{needed.Name.Text}` depends on itself",
            "interfaces may not `use`, and worlds not `include`, each other in a circle");
    }

    // (4)
    private void ResolveInterface(Entry entry)
    {
        var syntax = entry.Syntax!;
        if (!_context.IsIncluded(syntax.Head.Stability, Package.Name, syntax.Name.Span))
        {
            _context.Excluded.Add((Package, syntax.Name.Text));
            foreach (var type in syntax.Members.OfType<TypeDefSyntax>())
            {
                if (_context.IsIncluded(type.Head.Stability, Package.Name, type.Name.Span))
                    _context.Report(type.Name.Span,
                        $"`{type.Name.Text}` has no gate, but its interface is left out because its feature is not enabled",
                        "gate the type as its interface is gated");
            }
            return;
        }
        var model = new WitInterface(syntax.Name.Text)
        {
            Docs = syntax.Head.Docs,
            Stability = syntax.Head.Stability,
            Span = syntax.Name.Span,
        };
        ResolveMembers(model, syntax.Members, entry.File!);
        Package.Add(model);
        entry.Model = model;
    }

    /// <summary>Fills a named or inline interface.</summary>
    public void ResolveMembers(WitInterface model, List<MemberSyntax> members, UnitSyntax file)
    {
        var scope = new ScopeResolver(this, _context, file);
        scope.ResolveTypes(members, model, model.Add);
        foreach (var member in members)
        {
            if (member is FunctionSyntax function)
            {
                if (scope.DeclareFunction(function) && scope.ResolveFunction(function, null) is { } freestanding)
                    model.Add(freestanding);
            }
            else if (member is TypeDefSyntax { Kind: TypeDefKind.Resource } resource && scope.TryGetDeclared(resource, out var type))
            {
                foreach (var item in resource.Functions)
                {
                    if (scope.ResolveFunction(item, type) is { } resolved && !model.TryGetFunction(resolved.CanonicalName, out _))
                        model.Add(resolved);
                }
            }
        }
        var depth = 1 + model.Dependencies.Select(d => _context.InterfaceDepth[d]).DefaultIfEmpty(0).Max();
        if (depth > MaxInterfaceDepth)
            throw _context.Abort(model.Span, $"more than {MaxInterfaceDepth} interfaces build on each other", null);
        _context.InterfaceDepth[model] = depth;
    }

    private void ResolveWorld(Entry entry)
    {
        var syntax = entry.Syntax!;
        if (!_context.IsIncluded(syntax.Head.Stability, Package.Name, syntax.Name.Span))
        {
            _context.Excluded.Add((Package, syntax.Name.Text));
            return;
        }
        var world = WorldResolver.Resolve(syntax, this, _context, entry.File!);
        Package.Add(world);
        entry.Model = world;
    }

    // ── names ──

    private Entry? FindEntry(string name, UnitSyntax file) =>
        _fileNames[file].TryGetValue(name, out var entry) || _names.TryGetValue(name, out entry) ? entry : null;

    private ScopeReference Find(PathSyntax path, UnitSyntax file)
    {
        var found = path.Package is not null ? FindForeign(path) : FindLocal(path, file);
        if (found is { Model: null, Owner: not null } && _context.Excluded.Contains((found.Owner, found.Name)))
            _context.Report(path.Name.Span, ResolveContext.Excluding($"`{path.Name.Text}`"),
                "gate this item as the one it refers to is gated");
        return found;
    }

    private ScopeReference FindLocal(PathSyntax path, UnitSyntax file)
    {
        var entry = FindEntry(path.Name.Text, file);
        if (entry is null)
            ReportUnknownScope(path.Name, _names.Keys.Concat(_fileNames[file].Keys));
        else if (entry.Foreign is not null)
            return FindForeign(entry.Foreign);
        // A world that comes later has no model yet; to name it where an interface belongs is a mistake all the same.
        return new ScopeReference(entry?.Model, entry?.Name.Text ?? "", Package, entry is { IsWorld: true });
    }

    private ScopeReference FindForeign(PathSyntax path)
    {
        var name = path.Name.Text;
        if (!_context.Packages.TryGetValue(path.Package!, out var package))
        {
            var others = _context.Packages.Keys.Where(k => k != Package.Name).Select(k => k.ToString());
            var help = ResolveContext.Suggest(path.Package!.ToString(), others);
            _context.Report(path.PackageSpan, $"package `{path.Package}` was not found", help ?? "place the package in the folder `deps`");
            return default;
        }
        if (package.TryGetInterface(name, out var found))
            return new ScopeReference(found, name, package);
        if (package.TryGetWorld(name, out var world))
            return new ScopeReference(world, name, package, true);
        if (!_context.Excluded.Contains((package, name)))
        {
            _context.Report(path.Name.Span, $"package `{package.Name}` has no interface or world `{name}`",
                ResolveContext.Suggest(name, package.Interfaces.Select(i => i.Name!).Concat(package.Worlds.Select(w => w.Name))));
        }
        return new ScopeReference(null, name, package);
    }

    private void ReportUnknownScope(NameSyntax name, IEnumerable<string> known) =>
        _context.Report(name.Span, $"there is no interface or world `{name.Text}` in this package",
            ResolveContext.Suggest(name.Text, known));

    /// <summary>One name: an interface or world of this package, or a top-level `use` of a foreign interface.</summary>
    private sealed class Entry(NameSyntax name)
    {
        public NameSyntax Name { get; } = name;

        public ScopeSyntax? Syntax { get; init; }

        public bool IsWorld => Syntax is { IsWorld: true };

        public UnitSyntax? File { get; init; }

        public int Index { get; init; }

        public PathSyntax? Foreign { get; set; }

        public WitScope? Model { get; set; }
    }
}
