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

    /// <summary>Whether a stream or a future is inside: passing it makes turns of the instance, so the call has to be one.</summary>
    public static bool HasChannel(WitType? type) => Resolve2(type) switch
    {
        WitStreamType or WitFutureType => true,
        WitListType l => HasChannel(l.Element),
        WitFixedListType f => HasChannel(f.Element),
        WitOptionType o => HasChannel(o.Element),
        WitResultType r => HasChannel(r.Ok) || HasChannel(r.Error),
        WitTupleType t => t.Elements.Any(HasChannel),
        WitMapType m => HasChannel(m.Value),
        WitRecord r => r.Fields.Any(f => HasChannel(f.Type)),
        WitVariant v => v.Cases.Any(c => HasChannel(c.Type)),
        _ => false,
    };

    /// <summary>Whether a call passes a stream or a future.</summary>
    public static bool HasChannel(WitFunction function) => function.Parameters.Any(p => HasChannel(p.Type)) || HasChannel(function.Result);

    /// <summary>The item type of a stream or future; null for one that only signals.</summary>
    public static WitType? ChannelItem(WitType channel) => channel is WitStreamType stream ? stream.Element : ((WitFutureType)channel).Element;

    /// <summary>A stream of bytes, or one that only counts: the class for it has no item type.</summary>
    public static bool IsUntyped(WitStreamType stream) =>
        stream.Element is null || Resolve(stream.Element) is WitPrimitive { Kind: WitPrimitiveKind.U8 };

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
        WitPrimitive p => p.Kind is WitPrimitiveKind.String or WitPrimitiveKind.ErrorContext,
        WitStreamType or WitFutureType => true,
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
