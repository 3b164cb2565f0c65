using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Binding;

/// <summary>What the emitters ask of a type besides its layout.</summary>
internal static class TypeFacts
{
    /// <summary>The type behind aliases.</summary>
    public static WitType Resolve(WitType type)
    {
        while (type is WitAlias alias)
            type = alias.Target;
        return type;
    }

    /// <summary>False when a stream, a future or an error context is inside: they belong to the asynchronous ABI, which has no glue yet.</summary>
    public static bool IsSupported(WitType? type) => Resolve2(type) switch
    {
        null => true,
        WitStreamType or WitFutureType => false,
        WitPrimitive p => p.Kind != WitPrimitiveKind.ErrorContext,
        WitListType l => IsSupported(l.Element),
        WitFixedListType f => IsSupported(f.Element),
        WitOptionType o => IsSupported(o.Element),
        WitResultType r => IsSupported(r.Ok) && IsSupported(r.Error),
        WitTupleType t => t.Elements.All(IsSupported),
        WitMapType m => IsSupported(m.Key) && IsSupported(m.Value),
        WitRecord r => r.Fields.All(f => IsSupported(f.Type)),
        WitVariant v => v.Cases.All(c => IsSupported(c.Type)),
        _ => true,
    };

    public static bool IsSupported(WitFunction function) => function.Parameters.All(p => IsSupported(p.Type)) && IsSupported(function.Result);

    /// <summary>A small record of plain values is a struct: at most 4 fields, no string, list or variant among them.</summary>
    public static bool IsStruct(WitRecord record) => record.Fields.Count <= 4 && record.Fields.All(f => IsPlain(f.Type));

    /// <summary>The C# type of an element that a list in linear memory can be viewed as without a copy; null when each needs a conversion.</summary>
    public static string? Blittable(WitType type) => Resolve(type) is WitPrimitive p
        ? p.Kind switch
        {
            WitPrimitiveKind.U8 => "byte",
            WitPrimitiveKind.S8 => "sbyte",
            WitPrimitiveKind.U16 => "ushort",
            WitPrimitiveKind.S16 => "short",
            WitPrimitiveKind.U32 => "uint",
            WitPrimitiveKind.S32 => "int",
            WitPrimitiveKind.U64 => "ulong",
            WitPrimitiveKind.S64 => "long",
            WitPrimitiveKind.F32 => "float",
            WitPrimitiveKind.F64 => "double",
            _ => null,
        }
        : null;

    /// <summary>Whether the C# type of a parameter is a class or an interface, which a caller can pass <see langword="null"/> for.</summary>
    public static bool IsReference(WitType type) => Resolve(type) switch
    {
        WitPrimitive p => p.Kind == WitPrimitiveKind.String,
        WitListType l => Blittable(l.Element) is null,
        WitFixedListType or WitMapType or WitVariant or WitOwnType or WitBorrowType => true,
        WitRecord r => !IsStruct(r),
        _ => false,
    };

    /// <summary>Whether <c>T?</c> of the C# type would lose a level of options.</summary>
    public static bool IsOption(WitType type) => Resolve(type) is WitOptionType;

    private static WitType? Resolve2(WitType? type) => type is null ? null : Resolve(type);

    private static bool IsPlain(WitType type) => Resolve(type) switch
    {
        WitPrimitive p => p.Kind is not (WitPrimitiveKind.String or WitPrimitiveKind.ErrorContext),
        WitEnum or WitFlags => true,
        WitRecord r => IsStruct(r),
        WitOptionType o => IsPlain(o.Element),
        WitTupleType t => t.Elements.Count <= 4 && t.Elements.All(IsPlain),
        _ => false,
    };
}
