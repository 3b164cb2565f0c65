namespace Windhover.Components.Types;

/// <summary>A primitive type. Compare with the static instances or by <see cref="Kind"/>.</summary>
public sealed class PrimitiveType : ValType
{
    private PrimitiveType(PrimitiveKind kind, in TypeFacts facts)
        : base(facts) => Kind = kind;

    public static PrimitiveType Bool { get; } = new(PrimitiveKind.Bool, TypeFacts.Leaf(1, CoreValueType.I32));

    public static PrimitiveType S8 { get; } = new(PrimitiveKind.S8, TypeFacts.Leaf(1, CoreValueType.I32));

    public static PrimitiveType U8 { get; } = new(PrimitiveKind.U8, TypeFacts.Leaf(1, CoreValueType.I32));

    public static PrimitiveType S16 { get; } = new(PrimitiveKind.S16, TypeFacts.Leaf(2, CoreValueType.I32));

    public static PrimitiveType U16 { get; } = new(PrimitiveKind.U16, TypeFacts.Leaf(2, CoreValueType.I32));

    public static PrimitiveType S32 { get; } = new(PrimitiveKind.S32, TypeFacts.Leaf(4, CoreValueType.I32));

    public static PrimitiveType U32 { get; } = new(PrimitiveKind.U32, TypeFacts.Leaf(4, CoreValueType.I32));

    public static PrimitiveType S64 { get; } = new(PrimitiveKind.S64, TypeFacts.Leaf(8, CoreValueType.I64));

    public static PrimitiveType U64 { get; } = new(PrimitiveKind.U64, TypeFacts.Leaf(8, CoreValueType.I64));

    public static PrimitiveType F32 { get; } = new(PrimitiveKind.F32, TypeFacts.Leaf(4, CoreValueType.F32));

    public static PrimitiveType F64 { get; } = new(PrimitiveKind.F64, TypeFacts.Leaf(8, CoreValueType.F64));

    /// <summary>A Unicode scalar value, four bytes.</summary>
    public static PrimitiveType Char { get; } = new(PrimitiveKind.Char, TypeFacts.Leaf(4, CoreValueType.I32));

    /// <summary>A pointer and a length in code units.</summary>
    public static PrimitiveType String { get; } = new(PrimitiveKind.String, TypeFacts.PointerAndLength(null));

    /// <summary>A handle to an error context.</summary>
    public static PrimitiveType ErrorContext { get; } =
        new(PrimitiveKind.ErrorContext, TypeFacts.Leaf(4, CoreValueType.I32, TypeContents.ErrorContext));

    public PrimitiveKind Kind { get; }

    /// <summary>The one instance of a kind.</summary>
    public static PrimitiveType Of(PrimitiveKind kind) => kind switch
    {
        PrimitiveKind.Bool => Bool,
        PrimitiveKind.S8 => S8,
        PrimitiveKind.U8 => U8,
        PrimitiveKind.S16 => S16,
        PrimitiveKind.U16 => U16,
        PrimitiveKind.S32 => S32,
        PrimitiveKind.U32 => U32,
        PrimitiveKind.S64 => S64,
        PrimitiveKind.U64 => U64,
        PrimitiveKind.F32 => F32,
        PrimitiveKind.F64 => F64,
        PrimitiveKind.Char => Char,
        PrimitiveKind.String => String,
        PrimitiveKind.ErrorContext => ErrorContext,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    /// <inheritdoc/>
    public override string ToString() => Kind.WitName();

    private protected override bool EqualsCore(ValType other) => Kind == ((PrimitiveType)other).Kind;

    private protected override int HashCore() => (int)Kind;
}

/// <summary>A set of named bits: 1, 2 or 4 bytes for up to 8, 16 or 32 labels.</summary>
public sealed class FlagsType : ValType
{
    /// <summary>Makes a flags type.</summary>
    /// <exception cref="Binary.InvalidComponentException">There are no labels, or more than 32.</exception>
    public FlagsType(IEnumerable<string> labels)
        : this(Labels.Of(labels, "flags", max: 32))
    {
    }

    private FlagsType(Labels labels)
        : base(TypeFacts.Leaf(labels.Count <= 8 ? 1 : labels.Count <= 16 ? 2 : 4, CoreValueType.I32)) => Labels = labels;

    /// <summary>The labels; label i is bit i.</summary>
    public Labels Labels { get; }

    /// <inheritdoc/>
    public override string ToString() => $"flags {{ {string.Join(", ", Labels)} }}";

    private protected override bool EqualsCore(ValType other) => Labels.Equals(((FlagsType)other).Labels);

    private protected override int HashCore() => Labels.GetHashCode();
}

/// <summary>A resource handle that owns: passing it on gives it away.</summary>
public sealed class OwnType(ResourceType resource) : ValType(TypeFacts.Leaf(4, CoreValueType.I32, TypeContents.Own))
{
    public ResourceType Resource { get; } = resource;

    /// <inheritdoc/>
    public override string ToString() => $"own<{Resource.Name}>";

    private protected override bool EqualsCore(ValType other) => Resource == ((OwnType)other).Resource;

    private protected override int HashCore() => Resource.GetHashCode();
}

/// <summary>A resource handle that is lent for the time of a call.</summary>
public sealed class BorrowType(ResourceType resource) : ValType(TypeFacts.Leaf(4, CoreValueType.I32, TypeContents.Borrow))
{
    public ResourceType Resource { get; } = resource;

    /// <inheritdoc/>
    public override string ToString() => $"borrow<{Resource.Name}>";

    private protected override bool EqualsCore(ValType other) => Resource == ((BorrowType)other).Resource;

    private protected override int HashCore() => Resource.GetHashCode();
}

/// <summary>The readable end of a stream.</summary>
public sealed class StreamType(ValType? element) : ValType(TypeFacts.StreamEnd(element))
{
    /// <summary>Null for a stream that only counts.</summary>
    public ValType? Element { get; } = element;

    /// <inheritdoc/>
    public override string ToString() => Element is null ? "stream" : $"stream<{Element}>";

    private protected override bool EqualsCore(ValType other) => Element == ((StreamType)other).Element;

    private protected override int HashCore() => Element?.GetHashCode() ?? 0;
}

/// <summary>The readable end of a future.</summary>
public sealed class FutureType(ValType? element) : ValType(TypeFacts.StreamEnd(element))
{
    /// <summary>Null for a future that only signals.</summary>
    public ValType? Element { get; } = element;

    /// <inheritdoc/>
    public override string ToString() => Element is null ? "future" : $"future<{Element}>";

    private protected override bool EqualsCore(ValType other) => Element == ((FutureType)other).Element;

    private protected override int HashCore() => Element?.GetHashCode() ?? 0;
}
