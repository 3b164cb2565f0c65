using Windhover.Wit.Model;
using Windhover.Wit.Syntax;

namespace Windhover.Wit.Resolution;

// Resolves one world, once the interfaces and the worlds it includes are done.
//
//  (1) its types (they are imports), (2) its imports and exports as written, (3) what it includes, (4) elaboration: WorldElaboration.
internal sealed class WorldResolver
{
    private readonly ScopeSyntax _syntax;
    private readonly PackageResolver _package;
    private readonly ResolveContext _context;
    private readonly UnitSyntax _file;
    private readonly WorldDraft _draft = new();
    private readonly ScopeResolver _scope;

    private WorldResolver(ScopeSyntax syntax, PackageResolver package, ResolveContext context, UnitSyntax file)
    {
        _syntax = syntax;
        _package = package;
        _context = context;
        _file = file;
        _scope = new ScopeResolver(package, context, file);
    }

    public static WitWorld Resolve(ScopeSyntax syntax, PackageResolver package, ResolveContext context, UnitSyntax file) =>
        new WorldResolver(syntax, package, context, file).Run();

    private WitWorld Run()
    {
        var world = new WitWorld(_syntax.Name.Text)
        {
            Docs = _syntax.Head.Docs,
            Stability = _syntax.Head.Stability,
            Span = _syntax.Name.Span,
        };
        _scope.ResolveTypes(_syntax.Members, world, AddType);
        foreach (var member in _syntax.Members)
        {
            if (member is ExternSyntax external)
                AddExtern(external);
            else if (member is TypeDefSyntax { Kind: TypeDefKind.Resource } resource && _scope.TryGetDeclared(resource, out var type))
                AddResourceFunctions(resource, type);
        }
        foreach (var include in _syntax.Members.OfType<IncludeSyntax>())
            Include(include);
        CheckCase("import", _draft.Imports);
        CheckCase("export", _draft.Exports);
        WorldElaboration.Elaborate(_draft, world, _context);
        return world;
    }

    // (1)
    private void AddType(WitTypeDef type) => _draft.Imports.Add(new WitTypeItem(type)
    {
        Docs = type.Docs,
        Stability = type.Stability,
        ExternalId = type.ExternalId,
        Span = type.Span,
    });

    // (2)
    private void AddExtern(ExternSyntax syntax)
    {
        if (!_context.IsIncluded(syntax.Head.Stability, _package.Package.Name, syntax.Span) || Item(syntax) is not { } item)
            return;
        var list = syntax.IsExport ? _draft.Exports : _draft.Imports;
        if (list.Find(item.Name) is { } other)
        {
            var verb = syntax.IsExport ? "exported" : "imported";
            _context.Report(syntax.Span, $"`{item.Name}` is {verb} twice",
                syntax.Label is null ? "one statement is enough" : $"the other one is {Describe(other)}; give one of them another name");
            return;
        }
        list.Add(item);
    }

    private WitWorldItem? Item(ExternSyntax syntax)
    {
        var head = syntax.Head;
        if (syntax.Function is { } function)
        {
            return _scope.ResolveFunction(function, null) is { } resolved ? FunctionItem(resolved) : null;
        }
        WitInterface? target;
        if (syntax.Inline is { } members)
        {
            target = new WitInterface(null) { Docs = head.Docs, Stability = head.Stability, Span = syntax.Span };
            _package.ResolveMembers(target, members, _file);
        }
        else
            target = _package.FindInterface(syntax.Path!, _file);
        return target is null ? null : new WitInterfaceItem(target, syntax.Label?.Text)
        {
            Docs = head.Docs,
            Stability = head.Stability,
            ExternalId = head.ExternalId,
            Span = syntax.Span,
        };
    }

    private static WitFunctionItem FunctionItem(WitFunction function) => new(function)
    {
        Docs = function.Docs,
        Stability = function.Stability,
        ExternalId = function.ExternalId,
        Span = function.Span,
    };

    private static string Describe(WitWorldItem item) => item switch
    {
        WitFunctionItem => "a function",
        WitTypeItem => "a type",
        _ => "an interface",
    };

    private void AddResourceFunctions(TypeDefSyntax resource, WitTypeDef type)
    {
        foreach (var syntax in resource.Functions)
        {
            if (_scope.ResolveFunction(syntax, type) is not { } function)
                continue;
            var item = FunctionItem(function);
            if (!_draft.Imports.Contains(item.Name))
                _draft.Imports.Add(item);
        }
    }

    // (3)
    private void Include(IncludeSyntax include)
    {
        if (!_context.IsIncluded(include.Head.Stability, _package.Package.Name, include.From.Name.Span)
            || _package.FindWorld(include.From, _file) is not { } world)
        {
            return;
        }
        var renames = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, alias) in include.Renames)
        {
            if (!HasPlainName(world, name.Text))
            {
                _context.Report(name.Span, $"`{world}` has no import or export with the plain name `{name.Text}`",
                    "`with` renames plain names only: the name of an interface such as `a:b/c` stays");
            }
            else if (!renames.ContainsKey(name.Text))
                renames.Add(name.Text, alias.Text);
        }
        var cloner = new WorldCloner(renames, _context, include.From.Name.Span);
        var isForeign = !ReferenceEquals(world.Package, _package.Package);
        foreach (var item in world.Imports)
            AddIncluded(item, cloner, _draft.Imports, "import", isForeign, include);
        foreach (var item in world.Exports)
            AddIncluded(item, cloner, _draft.Exports, "export", isForeign, include);
    }

    private static bool HasPlainName(WitWorld world, string name) =>
        (world.TryGetImport(name, out var import) && import is not WitInterfaceItem { Label: null })
        || (world.TryGetExport(name, out var export) && export is not WitInterfaceItem { Label: null });

    private void AddIncluded(WitWorldItem item, WorldCloner cloner, ItemList list, string kind, bool isForeign, IncludeSyntax include)
    {
        var span = include.From.Name.Span;
        _context.Spend(span);
        if (item is WitInterfaceItem { Label: null } named)
        {
            AddIncludedInterface(named, list, isForeign);
            return;
        }
        var copy = cloner.Clone(item);
        if (list.Contains(copy.Name))
        {
            _context.Report(span, $"the {kind} `{copy.Name}` is there already and comes again with this `include`",
                $"give it another name: `with {{ {copy.Name} as another-name }}`");
        }
        else
            list.Add(copy);
    }

    // A named interface that is there already is the same import, and keeps the gate it has. The version that gates an interface in a
    // foreign package says nothing about this package.
    private static void AddIncludedInterface(WitInterfaceItem item, ItemList list, bool isForeign)
    {
        var present = list.Find(item.Name) as WitInterfaceItem;
        var stability = isForeign && item.Stability.Since is not null ? WitStability.None
            : present is null || present.Stability.IsNone ? item.Stability : present.Stability;
        if (present is not null && stability.Equals(present.Stability))
            return;
        var source = present ?? item;
        var copy = new WitInterfaceItem(source.Interface)
        {
            Docs = source.Docs,
            Stability = stability,
            ExternalId = source.ExternalId,
            Span = source.Span,
            IsImplicit = source.IsImplicit && item.IsImplicit,
        };
        if (present is null)
            list.Add(copy);
        else
            list.Replace(copy);
    }

    private void CheckCase(string kind, ItemList list)
    {
        var seen = new Dictionary<string, WitWorldItem>(StringComparer.OrdinalIgnoreCase);
        foreach (var item in list.Items)
        {
            if (item is WitInterfaceItem { Label: null })
                continue;
            if (seen.TryGetValue(item.Name, out var other))
                _context.Report(item.Span, $"the {kind}s `{item.Name}` and `{other.Name}` differ only in case",
                    "upper and lower case do not tell names apart");
            else
                seen.Add(item.Name, item);
        }
    }
}
