using Windhover.Components.Types;
using Windhover.Wit.Model;

namespace Windhover.Components.Binary;

/// <summary>Turns type nodes into WIT types and declares named types in interfaces and worlds.</summary>
/// <param name="declare">Adds a type to an interface or world.</param>
internal sealed class WitTypes(Action<WitScope, WitTypeDef> declare)
{
    private const int MaxDepth = 200;
    private const int MaxSize = 1_000_000;

    private readonly Dictionary<(TypeNode, WitScope), WitType> _converted = [];
    private readonly Dictionary<(WitTypeDef Definition, WitScope Owner), WitTypeDef> _locals = [];
    private int _depth;

    /// <summary>
    /// Gives a node a name in an interface or world. The first name of a record, variant, enum, flags or resource defines it; any further one,
    /// there or elsewhere, is an alias of that (a <c>use</c>, when it crosses interfaces). Anything else becomes <c>type name = …</c>.
    /// </summary>
    public void Declare(WitScope owner, string name, TypeNode node)
    {
        var known = Named(node);
        if (owner.TryGetType(name, out var existing))
        {
            // The interface is known already, for instance both imported and exported: its type stands for this one.
            node.Def = existing;
            if (known is null)
                NameOriginals(node, existing);
            return;
        }

        WitTypeDef def = known is not null && Usable(known, owner) is { } target ? new WitAlias(name, target) : Definition(owner, name, node);
        Add(owner, def);
        node.Def = def;
        if (known is null && def is not WitAlias)
            NameOriginals(node, def);
    }

    /// <summary>The type that a reference stands for, as <paramref name="owner"/> writes it.</summary>
    public WitType Convert(ValTypeRef reference, TypeScope scope, WitScope owner) =>
        reference.Primitive is { } primitive ? Primitive(primitive) : Convert(scope.Type(reference.Index), owner);

    public WitType? Convert(ValTypeRef? reference, TypeScope scope, WitScope owner) =>
        reference is { } r ? Convert(r, scope, owner) : null;

    /// <summary>The local name of a resource, for a handle or a method.</summary>
    private WitTypeDef Resource(int index, TypeScope scope, WitScope owner)
    {
        var node = scope.Type(index);
        return node.IsResource ? Local(node, owner) : throw new InvalidComponentException($"type {index} is not a resource");
    }

    private WitType Convert(TypeNode node, WitScope owner)
    {
        if (Named(node) is not null)
            return Local(node, owner);
        if (_converted.TryGetValue((node, owner), out var done))
            return done;
        if (++_depth > MaxDepth)
            throw new InvalidComponentException($"a type is nested more than {MaxDepth} levels deep");
        var type = node.Expr is TypeExpr.Record or TypeExpr.Variant or TypeExpr.Enum or TypeExpr.Flags or TypeExpr.Resource or null
            ? Local(node, owner)
            : Structural(node, owner);
        _depth--;
        if (type.Size > MaxSize)
            throw new InvalidComponentException($"a type has more than {MaxSize} parts");
        return _converted[(node, owner)] = type;
    }

    private WitType Structural(TypeNode node, WitScope owner)
    {
        WitType At(ValTypeRef reference) => Convert(reference, node.Scope, owner);
        return node.Expr switch
        {
            TypeExpr.Primitive p => Primitive(p.Kind),
            TypeExpr.List { Length: { } length } l => new WitFixedListType(At(l.Element), length),
            TypeExpr.List l => new WitListType(At(l.Element)),
            TypeExpr.Tuple t => new WitTupleType([.. t.Types.Select(At)]),
            TypeExpr.Option o => new WitOptionType(At(o.Type)),
            TypeExpr.Result r => new WitResultType(Convert(r.Ok, node.Scope, owner), Convert(r.Error, node.Scope, owner)),
            TypeExpr.Map m => new WitMapType(At(m.Key), At(m.Value)),
            TypeExpr.Stream s => new WitStreamType(Convert(s.Element, node.Scope, owner)),
            TypeExpr.Future f => new WitFutureType(Convert(f.Element, node.Scope, owner)),
            TypeExpr.Own h => new WitOwnType(Resource(h.Type, node.Scope, owner)),
            TypeExpr.Borrow h => new WitBorrowType(Resource(h.Type, node.Scope, owner)),
            _ => throw new InvalidComponentException("a function, component or instance type is used as the type of a value"),
        };
    }

    private WitTypeDef Definition(WitScope owner, string name, TypeNode node)
    {
        WitType At(ValTypeRef reference) => Convert(reference, node.Scope, owner);
        return node.Expr switch
        {
            TypeExpr.Record r => new WitRecord(name, [.. r.Fields.Select(f => new WitField(f.Name, At(f.Type)))]),
            TypeExpr.Variant v => new WitVariant(name, [.. v.Cases.Select(c => new WitCase(c.Name, Convert(c.Type, node.Scope, owner)))]),
            TypeExpr.Enum e => new WitEnum(name, [.. e.Labels.Select(l => new WitLabel(l))]),
            TypeExpr.Flags f => new WitFlags(name, [.. f.Labels.Select(l => new WitLabel(l))]),
            TypeExpr.Resource or null => new WitResource(name),
            _ => new WitAlias(name, Structural(node, owner)),
        };
    }

    /// <summary>The name by which an interface or world refers to a named type: its own, or one brought in for the purpose.</summary>
    private WitTypeDef Local(TypeNode node, WitScope owner)
    {
        var named = Named(node);
        if (named is not null && ReferenceEquals(named.Owner, owner))
            return named;
        if (named is not null && _locals.TryGetValue((named.Definition, owner), out var known))
            return known;
        var wanted = named?.Name ?? $"type{owner.Types.Count}";
        var name = wanted;
        for (var i = 2; owner.TryGetType(name, out _); i++)
            name = $"{wanted}{i}";
        WitTypeDef local = named is not null && Usable(named, owner) is { } target ? new WitAlias(name, target) : Definition(owner, name, node);
        Add(owner, local);
        if (named is null)
            node.Def = local;
        return local;
    }

    private void Add(WitScope owner, WitTypeDef def)
    {
        declare(owner, def);
        _locals.TryAdd((def.Definition, owner), def);
    }

    /// <summary>What an alias in <paramref name="owner"/> may refer to: a type of the same scope or of an interface with a name.</summary>
    private static WitTypeDef? Usable(WitTypeDef def, WitScope owner)
    {
        for (var current = def; ; current = (WitTypeDef)((WitAlias)current).Target)
        {
            if (ReferenceEquals(current.Owner, owner) || current.Owner is WitInterface { IsInline: false })
                return current;
            if (current is not WitAlias { Target: WitTypeDef })
                return null;
        }
    }

    private static WitTypeDef? Named(TypeNode node)
    {
        for (var current = node; current is not null; current = current.Original)
        {
            if (current.Def is not null)
                return current.Def;
        }

        return null;
    }

    private static void NameOriginals(TypeNode node, WitTypeDef def)
    {
        for (var current = node.Original; current is not null; current = current.Original)
            current.Def ??= def;
    }

    private static WitPrimitive Primitive(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Bool => WitPrimitive.Bool,
        PrimitiveKind.S8 => WitPrimitive.S8,
        PrimitiveKind.U8 => WitPrimitive.U8,
        PrimitiveKind.S16 => WitPrimitive.S16,
        PrimitiveKind.U16 => WitPrimitive.U16,
        PrimitiveKind.S32 => WitPrimitive.S32,
        PrimitiveKind.U32 => WitPrimitive.U32,
        PrimitiveKind.S64 => WitPrimitive.S64,
        PrimitiveKind.U64 => WitPrimitive.U64,
        PrimitiveKind.F32 => WitPrimitive.F32,
        PrimitiveKind.F64 => WitPrimitive.F64,
        PrimitiveKind.Char => WitPrimitive.Char,
        PrimitiveKind.String => WitPrimitive.String,
        _ => WitPrimitive.ErrorContext,
    };
}
