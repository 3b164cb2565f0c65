using Windhover.Wit.Model;

namespace Windhover.Wit.Resolution;

// Completes a world (WIT.md "Transitive imports and worlds"): whatever an import or export needs is imported, unless it is exported.
//
//  (1) Imports are sorted into classes — interfaces, used types, own types, functions, functions of resources — so that each comes after
//      what it needs. Then each is taken in turn, after the interfaces it uses types of.
//  (2) Exported functions need nothing beyond the world's types.
//  (3) An exported interface finds each interface it uses either among the exports or among the imports:
//
//          export c ──uses──> b ──uses──> a ──uses──> …
//              b is exported too?  yes: b is exported first, then c refers to the exported b
//                                  no:  b, and everything below b, is imported
//
//      A world that exports a and c but not b is refused: the imported b refers to an imported a, while c would also see the exported one.
//  (4) Imports that (3) added are sorted into their classes again.
internal sealed class WorldElaboration
{
    private readonly ResolveContext _context;
    private readonly WitWorld _world;
    private readonly WorldDraft _done = new();
    private readonly Dictionary<string, WitInterfaceItem> _toExport = new(StringComparer.Ordinal);
    private readonly HashSet<WitInterface> _neededImports = [];

    private WorldElaboration(WitWorld world, ResolveContext context)
    {
        _world = world;
        _context = context;
    }

    /// <summary>Moves the finished items of a draft into the world.</summary>
    public static void Elaborate(WorldDraft draft, WitWorld world, ResolveContext context)
    {
        var work = new WorldElaboration(world, context);
        foreach (var item in draft.Imports.Items.OrderBy(Class))
            work.Import(item);
        foreach (var item in draft.Exports.Items)
        {
            if (item is WitInterfaceItem i)
                work._toExport.Add(i.Name, i);
            else
                work._done.Exports.Add(item);
        }
        foreach (var item in work._toExport.Values.ToList())
        {
            if (!work.Export(item))
            {
                context.Report(world.Span, $"the export `{item.Name}` needs an interface both as an import and as an export",
                    "export also the interfaces that lie between them, or none of them");
                break;
            }
        }
        foreach (var item in work._done.Imports.Items.OrderBy(Class))
            world.AddImport(item);
        foreach (var item in work._done.Exports.Items)
            world.AddExport(item);
    }

    private static int Class(WitWorldItem item) => item switch
    {
        WitInterfaceItem => 0,
        WitTypeItem { Type: WitAlias { Target: WitTypeDef { Owner: WitInterface } } } => 1,
        WitTypeItem => 2,
        WitFunctionItem { Function.Resource: null } => 3,
        _ => 4,
    };

    // (1)
    private void Import(WitWorldItem item)
    {
        if (item is WitInterfaceItem i)
            ImportInterface(i);
        else
        {
            if (item is WitTypeItem { Type: WitAlias { Target: WitTypeDef { Owner: WitInterface origin } } })
                ImportInterface(Implicit(origin, item.Stability));
            _done.Imports.Add(item);
        }
    }

    // Recursion is bounded by the depth that the resolver lets interfaces have.
    private void ImportInterface(WitInterfaceItem item)
    {
        _context.Spend(_world.Span);
        if (_done.Imports.Contains(item.Name))
            return;
        foreach (var dependency in item.Interface.Dependencies)
            ImportInterface(Implicit(dependency, item.Stability));
        _done.Imports.Add(item);
    }

    private static WitInterfaceItem Implicit(WitInterface target, WitStability stability) =>
        new(target) { Stability = stability, IsImplicit = true };

    // (3)
    private bool Export(WitInterfaceItem item)
    {
        _context.Spend(_world.Span);
        if (_done.Exports.Contains(item.Name))
            return true;
        foreach (var dependency in item.Interface.Dependencies)
        {
            var isMet = _toExport.TryGetValue(dependency.QualifiedName!, out var exported)
                ? Export(exported) : NeedImport(Implicit(dependency, item.Stability));
            if (!isMet)
                return false;
        }
        if (_neededImports.Contains(item.Interface))
            return false;
        _done.Exports.Add(item);
        return true;
    }

    private bool NeedImport(WitInterfaceItem item)
    {
        _context.Spend(_world.Span);
        if (_done.Exports.Contains(item.Name))
            return false;
        if (_neededImports.Contains(item.Interface))
            return true;
        foreach (var dependency in item.Interface.Dependencies)
        {
            if (!NeedImport(Implicit(dependency, item.Stability)))
                return false;
        }
        _neededImports.Add(item.Interface);
        if (!_done.Imports.Contains(item.Name))
            _done.Imports.Add(item);
        return true;
    }
}
