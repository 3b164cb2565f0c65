using Windhover.Components.Types;

namespace Windhover.Components.Binary;

/// <summary>A value type as the binary refers to it: a primitive in place, or an index into the type index space.</summary>
internal readonly record struct ValTypeRef
{
    private readonly int _index;

    private ValTypeRef(PrimitiveKind? primitive, int index)
    {
        Primitive = primitive;
        _index = index;
    }

    /// <summary>The primitive, or null when <see cref="Index"/> is meant.</summary>
    public PrimitiveKind? Primitive { get; }

    /// <summary>The type index; meaningful when <see cref="Primitive"/> is null.</summary>
    public int Index => Primitive is null ? _index : throw new InvalidOperationException("a primitive type has no index");

    public static ValTypeRef Of(PrimitiveKind primitive) => new(primitive, 0);

    public static ValTypeRef At(int index) => new(null, index);

    public override string ToString() => Primitive is { } p ? p.WitName() : $"(type {_index})";
}

internal readonly record struct NamedValType(string Name, ValTypeRef Type);

internal readonly record struct CaseExpr(string Name, ValTypeRef? Type);

/// <summary>A component-level type definition: Binary.md, <c>deftype</c>.</summary>
internal abstract record TypeExpr
{
    internal sealed record Primitive(PrimitiveKind Kind) : TypeExpr;

    internal sealed record Record(IReadOnlyList<NamedValType> Fields) : TypeExpr;

    internal sealed record Variant(IReadOnlyList<CaseExpr> Cases) : TypeExpr;

    /// <summary><paramref name="Length"/> is set for a list of fixed length.</summary>
    internal sealed record List(ValTypeRef Element, uint? Length) : TypeExpr;

    internal sealed record Tuple(IReadOnlyList<ValTypeRef> Types) : TypeExpr;

    internal sealed record Flags(IReadOnlyList<string> Labels) : TypeExpr;

    internal sealed record Enum(IReadOnlyList<string> Labels) : TypeExpr;

    internal sealed record Option(ValTypeRef Type) : TypeExpr;

    internal sealed record Result(ValTypeRef? Ok, ValTypeRef? Error) : TypeExpr;

    internal sealed record Own(int Type) : TypeExpr;

    internal sealed record Borrow(int Type) : TypeExpr;

    internal sealed record Stream(ValTypeRef? Element) : TypeExpr;

    internal sealed record Future(ValTypeRef? Element) : TypeExpr;

    internal sealed record Map(ValTypeRef Key, ValTypeRef Value) : TypeExpr;

    internal sealed record Func(bool IsAsync, IReadOnlyList<NamedValType> Parameters, ValTypeRef? Returns) : TypeExpr;

    /// <summary>Declarators: <see cref="CoreTypeDef"/>, <see cref="TypeDef"/>, <see cref="AliasDef"/>, <see cref="ImportDef"/>,
    /// <see cref="ExportDeclDef"/>. They fill an index space of their own.</summary>
    internal sealed record Component(IReadOnlyList<Definition> Decls) : TypeExpr;

    /// <summary>As <see cref="Component"/>, without imports.</summary>
    internal sealed record Instance(IReadOnlyList<Definition> Decls) : TypeExpr;

    /// <summary><paramref name="Destructor"/> is a core function index.</summary>
    internal sealed record Resource(CoreValueType Representation, int? Destructor) : TypeExpr;
}
