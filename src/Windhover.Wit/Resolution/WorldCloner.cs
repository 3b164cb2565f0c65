using Windhover.Wit.Model;

namespace Windhover.Wit.Resolution;

/// <summary>
/// Copies the plain-named items of an included world. Types that the world declares are its own, so the including world gets copies, and
/// everything that refers to them refers to the copies; named interfaces and their types are shared.
/// </summary>
internal sealed class WorldCloner(IReadOnlyDictionary<string, string> renames, ResolveContext context, WitSpan span)
{
    private readonly Dictionary<WitTypeDef, WitTypeDef> _types = [];

    /// <summary>Copies one item. Types come before what refers to them in a world, so each reference is known when it is met.</summary>
    public WitWorldItem Clone(WitWorldItem item) => item switch
    {
        WitTypeItem t => new WitTypeItem(CloneType(t.Type, Renamed(t.Name)))
        { Docs = item.Docs, Stability = item.Stability, ExternalId = item.ExternalId, Span = item.Span },
        WitFunctionItem { Function: var f } => new WitFunctionItem(CloneFunction(f, f.Resource is null ? Renamed(f.Name) : f.Name))
        { Docs = item.Docs, Stability = item.Stability, ExternalId = item.ExternalId, Span = item.Span },
        WitInterfaceItem { Interface: var named } i => new WitInterfaceItem(named.IsInline ? CloneInterface(named) : named, Renamed(i.Name))
        { Docs = item.Docs, Stability = item.Stability, ExternalId = item.ExternalId, Span = item.Span },
        _ => throw new InvalidOperationException("Unknown kind of world item."),
    };

    private string Renamed(string name) => renames.TryGetValue(name, out var alias) ? alias : name;

    private WitInterface CloneInterface(WitInterface source)
    {
        var copy = new WitInterface(null) { Docs = source.Docs, Stability = source.Stability, Span = source.Span };
        foreach (var type in source.Types)
            copy.Add(CloneType(type, type.Name));
        foreach (var function in source.Functions)
            copy.Add(CloneFunction(function, function.Name));
        context.InterfaceDepth[copy] = context.InterfaceDepth[source];
        return copy;
    }

    private WitFunction CloneFunction(WitFunction source, string name)
    {
        var resource = source.Resource is null ? null : MapDef(source.Resource);
        var parameters = source.Parameters.Select(p => new WitParameter(p.Name, Map(p.Type)!) { Span = p.Span }).ToList();
        return new WitFunction(source.Kind, resource, name, parameters, Map(source.Result))
        {
            IsAsync = source.IsAsync,
            Docs = source.Docs,
            Stability = source.Stability,
            ExternalId = source.ExternalId,
            Span = source.Span,
        };
    }

    private WitTypeDef CloneType(WitTypeDef source, string name)
    {
        var (docs, stability, externalId, at) = (source.Docs, source.Stability, source.ExternalId, source.Span);
        WitTypeDef copy = source switch
        {
            WitRecord r => new WitRecord(name, r.Fields.Select(CloneField).ToList())
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = at },
            WitVariant v => new WitVariant(name, v.Cases.Select(CloneCase).ToList())
            { Docs = docs, Stability = stability, ExternalId = externalId, Span = at },
            WitEnum e => new WitEnum(name, e.Cases) { Docs = docs, Stability = stability, ExternalId = externalId, Span = at },
            WitFlags f => new WitFlags(name, f.Labels) { Docs = docs, Stability = stability, ExternalId = externalId, Span = at },
            WitResource => new WitResource(name) { Docs = docs, Stability = stability, ExternalId = externalId, Span = at },
            WitAlias a => new WitAlias(name, Map(a.Target)!) { Docs = docs, Stability = stability, ExternalId = externalId, Span = at },
            _ => throw new InvalidOperationException("Unknown kind of type."),
        };
        _types.Add(source, copy);
        return copy;
    }

    private WitField CloneField(WitField f) => new(f.Name, Map(f.Type)!) { Docs = f.Docs, Span = f.Span };

    private WitCase CloneCase(WitCase c) => new(c.Name, Map(c.Type)) { Docs = c.Docs, Span = c.Span };

    private WitTypeDef MapDef(WitTypeDef type) => _types.TryGetValue(type, out var copy) ? copy : type;

    // Recursion is bounded by the depth that the resolver lets a type have.
    private WitType? Map(WitType? type)
    {
        context.Spend(span);
        return type switch
        {
            null or WitPrimitive => type,
            WitTypeDef def => MapDef(def),
            WitListType t => new WitListType(Map(t.Element)!),
            WitFixedListType t => new WitFixedListType(Map(t.Element)!, t.Length),
            WitOptionType t => new WitOptionType(Map(t.Element)!),
            WitResultType t => new WitResultType(Map(t.Ok), Map(t.Error)),
            WitTupleType t => new WitTupleType(t.Elements.Select(e => Map(e)!).ToList()),
            WitMapType t => new WitMapType(Map(t.Key)!, Map(t.Value)!),
            WitStreamType t => new WitStreamType(Map(t.Element)),
            WitFutureType t => new WitFutureType(Map(t.Element)),
            WitOwnType t => new WitOwnType(MapDef(t.Resource)),
            WitBorrowType t => new WitBorrowType(MapDef(t.Resource)),
            _ => throw new InvalidOperationException("Unknown kind of type."),
        };
    }
}
