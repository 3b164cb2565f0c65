namespace Windhover.Wit.Model;

// The classes here form a closed tree; a consumer switches on the class:
//
//   WitType ── WitPrimitive                                 u8 … string, error-context
//      │────── WitListType, WitFixedListType, WitOptionType, WitResultType, WitTupleType,
//      │       WitMapType, WitStreamType, WitFutureType     built in place, compared by structure
//      │────── WitOwnType, WitBorrowType                    handles
//      └────── WitTypeDef                                   everything with a name (WitTypeDef.cs)
//
// Types are built bottom-up and never change, so that depth, size and "holds a borrow" are computed once, in the
// constructor: no walk over a type needs recursion to find out whether recursion is safe.

/// <summary>A type as it may stand in a parameter, a field or another type.</summary>
public abstract class WitType
{
    private protected WitType()
    {
    }

    /// <summary>
    /// Nesting through everything that is contained, names included; a primitive has 1. The resolver refuses more than 200.
    /// </summary>
    public int Depth { get; private protected set; } = 1;

    /// <summary>
    /// The number of types contained when every name is written out, saturating at <see cref="int.MaxValue"/>. The resolver refuses more
    /// than 1,000,000.
    /// </summary>
    public int Size { get; private protected set; } = 1;

    /// <summary>True when a <c>borrow</c> handle is contained somewhere; such a type may not be returned from a function.</summary>
    public bool ContainsBorrow { get; private protected set; }

    private protected void Contain(WitType? part)
    {
        if (part is null)
            return;
        Depth = Math.Max(Depth, part.Depth + 1);
        Size = (int)Math.Min(int.MaxValue, (long)Size + part.Size);
        ContainsBorrow |= part.ContainsBorrow;
    }

    private protected static T NotNull<T>(T? value, string name)
        where T : class => value ?? throw new ArgumentNullException(name);
}

/// <summary>The built-in types without arguments.</summary>
public enum WitPrimitiveKind
{
    Bool, U8, U16, U32, U64, S8, S16, S32, S64, F32, F64, Char, String, ErrorContext,
}

/// <summary>A built-in type without arguments; one instance each, so reference equality holds.</summary>
public sealed class WitPrimitive : WitType
{
    private static readonly string[] s_names =
        ["bool", "u8", "u16", "u32", "u64", "s8", "s16", "s32", "s64", "f32", "f64", "char", "string", "error-context"];

    private static readonly WitPrimitive[] s_all =
        Array.ConvertAll(s_names, n => new WitPrimitive((WitPrimitiveKind)Array.IndexOf(s_names, n)));

    private WitPrimitive(WitPrimitiveKind kind) => Kind = kind;

    public WitPrimitiveKind Kind { get; }

    /// <summary>The keyword, such as <c>u8</c>.</summary>
    public string Name => s_names[(int)Kind];

    public static WitPrimitive Bool => Of(WitPrimitiveKind.Bool);

    public static WitPrimitive U8 => Of(WitPrimitiveKind.U8);

    public static WitPrimitive U16 => Of(WitPrimitiveKind.U16);

    public static WitPrimitive U32 => Of(WitPrimitiveKind.U32);

    public static WitPrimitive U64 => Of(WitPrimitiveKind.U64);

    public static WitPrimitive S8 => Of(WitPrimitiveKind.S8);

    public static WitPrimitive S16 => Of(WitPrimitiveKind.S16);

    public static WitPrimitive S32 => Of(WitPrimitiveKind.S32);

    public static WitPrimitive S64 => Of(WitPrimitiveKind.S64);

    public static WitPrimitive F32 => Of(WitPrimitiveKind.F32);

    public static WitPrimitive F64 => Of(WitPrimitiveKind.F64);

    public static WitPrimitive Char => Of(WitPrimitiveKind.Char);

    public static WitPrimitive String => Of(WitPrimitiveKind.String);

    public static WitPrimitive ErrorContext => Of(WitPrimitiveKind.ErrorContext);

    /// <summary>The one instance of a kind.</summary>
    public static WitPrimitive Of(WitPrimitiveKind kind) => s_all[(int)kind];

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary><c>list&lt;T&gt;</c></summary>
public sealed class WitListType : WitType
{
    public WitListType(WitType element) => Contain(Element = NotNull(element, nameof(element)));

    public WitType Element { get; }
}

/// <summary><c>list&lt;T, N&gt;</c>: as many elements as the type says.</summary>
public sealed class WitFixedListType : WitType
{
    public WitFixedListType(WitType element, uint length)
    {
        Contain(Element = NotNull(element, nameof(element)));
        Length = length;
    }

    public WitType Element { get; }

    /// <summary>The number of elements.</summary>
    public uint Length { get; }
}

/// <summary><c>option&lt;T&gt;</c></summary>
public sealed class WitOptionType : WitType
{
    public WitOptionType(WitType element) => Contain(Element = NotNull(element, nameof(element)));

    public WitType Element { get; }
}

/// <summary><c>result&lt;T, E&gt;</c>; either part may be absent.</summary>
public sealed class WitResultType : WitType
{
    public WitResultType(WitType? ok, WitType? error)
    {
        Contain(Ok = ok);
        Contain(Error = error);
    }

    public WitType? Ok { get; }

    public WitType? Error { get; }
}

/// <summary><c>tuple&lt;A, B, …&gt;</c></summary>
public sealed class WitTupleType : WitType
{
    public WitTupleType(IReadOnlyList<WitType> elements)
    {
        Elements = NotNull(elements, nameof(elements));
        foreach (var element in elements)
            Contain(NotNull(element, nameof(elements)));
    }

    public IReadOnlyList<WitType> Elements { get; }
}

/// <summary><c>map&lt;K, V&gt;</c>; the key is a primitive other than a float.</summary>
public sealed class WitMapType : WitType
{
    public WitMapType(WitType key, WitType value)
    {
        Contain(Key = NotNull(key, nameof(key)));
        Contain(Value = NotNull(value, nameof(value)));
    }

    public WitType Key { get; }

    public WitType Value { get; }
}

/// <summary><c>stream&lt;T&gt;</c>, or a bare <c>stream</c> that only signals.</summary>
public sealed class WitStreamType : WitType
{
    public WitStreamType(WitType? element) => Contain(Element = element);

    public WitType? Element { get; }
}

/// <summary><c>future&lt;T&gt;</c>, or a bare <c>future</c>.</summary>
public sealed class WitFutureType : WitType
{
    public WitFutureType(WitType? element) => Contain(Element = element);

    public WitType? Element { get; }
}

/// <summary>An owned handle: <c>own&lt;r&gt;</c>, or the bare name of a resource where a value is meant.</summary>
public sealed class WitOwnType : WitType
{
    public WitOwnType(WitTypeDef resource) => Contain(Resource = NotNull(resource, nameof(resource)));

    /// <summary>The resource, or an alias of one (a <c>use</c>d name); see <see cref="WitTypeDef.Definition"/>.</summary>
    public WitTypeDef Resource { get; }
}

/// <summary>A borrowed handle, <c>borrow&lt;r&gt;</c>.</summary>
public sealed class WitBorrowType : WitType
{
    public WitBorrowType(WitTypeDef resource)
    {
        Contain(Resource = NotNull(resource, nameof(resource)));
        ContainsBorrow = true;
    }

    /// <summary>The resource, or an alias of one (a <c>use</c>d name); see <see cref="WitTypeDef.Definition"/>.</summary>
    public WitTypeDef Resource { get; }
}
