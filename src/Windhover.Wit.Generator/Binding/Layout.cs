using Windhover.Wit.Model;

namespace Windhover.Wit.Generator.Binding;

// Sizes and offsets of the canonical ABI (CanonicalABI.md, "Alignment", "Element Size", "Flattening"), worked out at generation time so that the
// glue contains them as constants.
//
//   variant in memory   ┌──────────────┬─ padding ─┬─────────────────────┐
//                       │ discriminant │           │ payload (any case)  │   payload at align_to(discriminant size, max alignment of a case)
//                       └──────────────┴───────────┴─────────────────────┘
//   variant flat        [discriminant] [joined slot]*                      as many slots as the widest case
//
// Flat core types are not computed: a RawValue slot is a union, so only the number of slots matters to whoever reads and writes them.
internal static class Layout
{
    public const int MaxFlatParameters = 16;
    public const int MaxFlatResults = 1;

    public static uint Alignment(WitType type) => TypeFacts.Resolve(type) switch
    {
        WitPrimitive p => PrimitiveAlignment(p.Kind),
        WitFixedListType f => Alignment(f.Element),
        WitTupleType t => Max(t.Elements),
        WitRecord r => Max(r.Fields.Select(f => f.Type)),
        WitFlags f => FlagsSize(f),
        WitVariant or WitEnum or WitOptionType or WitResultType => Math.Max(DiscriminantSize(type), Max(Cases(type).Where(c => c is not null)!)),
        _ => 4, // lists and maps: a pointer; handles: an index
    };

    public static uint Size(WitType type)
    {
        type = TypeFacts.Resolve(type);
        switch (type)
        {
            case WitPrimitive { Kind: WitPrimitiveKind.String } or WitListType or WitMapType:
                return 8;
            case WitPrimitive p:
                return PrimitiveAlignment(p.Kind);
            case WitFixedListType f:
                return checked(Size(f.Element) * f.Length);
            case WitTupleType t:
                return TupleSize(t.Elements);
            case WitRecord r:
                return TupleSize(r.Fields.Select(f => f.Type));
            case WitFlags f:
                return FlagsSize(f);
            case WitVariant or WitEnum or WitOptionType or WitResultType:
                uint payload = Cases(type).Aggregate(0u, (size, c) => c is null ? size : Math.Max(size, Size(c)));
                return AlignTo(checked(PayloadOffset(type) + payload), Alignment(type));
            default:
                return 4;
        }
    }

    /// <summary>The number of flat values; saturates far above the limits that it is compared with.</summary>
    public static int FlatCount(WitType type)
    {
        type = TypeFacts.Resolve(type);
        long count = type switch
        {
            WitPrimitive { Kind: WitPrimitiveKind.String } or WitListType or WitMapType => 2,
            WitFixedListType f => (long)FlatCount(f.Element) * f.Length,
            WitTupleType t => t.Elements.Sum(e => (long)FlatCount(e)),
            WitRecord r => r.Fields.Sum(f => (long)FlatCount(f.Type)),
            WitVariant or WitEnum or WitOptionType or WitResultType => 1 + Cases(type).Max(c => c is null ? 0L : FlatCount(c)),
            _ => 1,
        };
        return (int)Math.Min(count, 1_000_000);
    }

    /// <summary>The payloads of a variant, or of what is spelled as one: option, result, enum.</summary>
    public static IReadOnlyList<WitType?> Cases(WitType type) => TypeFacts.Resolve(type) switch
    {
        WitVariant v => v.Cases.Select(c => c.Type).ToArray(),
        WitEnum e => new WitType?[e.Cases.Count],
        WitOptionType o => [null, o.Element],
        WitResultType r => [r.Ok, r.Error],
        _ => throw new ArgumentException("not a variant", nameof(type)),
    };

    /// <summary>1, 2 or 4 bytes.</summary>
    public static uint DiscriminantSize(WitType type) => Cases(type).Count switch
    {
        <= 256 => 1,
        <= 65536 => 2,
        _ => 4,
    };

    public static uint PayloadOffset(WitType type) => AlignTo(DiscriminantSize(type), Max(Cases(type).Where(c => c is not null)!));

    /// <summary>1, 2 or 4 bytes; more than 32 flags do not exist.</summary>
    public static uint FlagsSize(WitFlags flags) => flags.Labels.Count <= 8 ? 1u : flags.Labels.Count <= 16 ? 2u : 4u;

    /// <summary>The bits that the labels use.</summary>
    public static uint FlagsMask(WitFlags flags) => flags.Labels.Count >= 32 ? uint.MaxValue : (1u << flags.Labels.Count) - 1;

    /// <summary>The parts of a record or tuple with their offsets in memory and their first flat slots.</summary>
    public static IEnumerable<(WitType Type, uint Offset, int Slot)> Places(IReadOnlyList<WitType> types)
    {
        uint[] offsets = Offsets(types);
        int slot = 0;
        for (int i = 0; i < types.Count; i++)
        {
            yield return (types[i], offsets[i], slot);
            slot += FlatCount(types[i]);
        }
    }

    /// <summary>The offset of each part of a record or tuple.</summary>
    public static uint[] Offsets(IEnumerable<WitType> types)
    {
        var offsets = new List<uint>();
        uint at = 0;
        foreach (WitType type in types)
        {
            at = AlignTo(at, Alignment(type));
            offsets.Add(at);
            at = checked(at + Size(type));
        }

        return offsets.ToArray();
    }

    public static uint TupleSize(IEnumerable<WitType> types)
    {
        uint at = 0;
        uint alignment = 1;
        foreach (WitType type in types)
        {
            uint own = Alignment(type);
            alignment = Math.Max(alignment, own);
            at = checked(AlignTo(at, own) + Size(type));
        }

        return AlignTo(at, alignment);
    }

    public static uint Max(IEnumerable<WitType> types) => types.Aggregate(1u, (max, t) => Math.Max(max, Alignment(t)));

    private static uint AlignTo(uint at, uint alignment) => checked(at + alignment - 1) / alignment * alignment;

    private static uint PrimitiveAlignment(WitPrimitiveKind kind) => kind switch
    {
        WitPrimitiveKind.Bool or WitPrimitiveKind.U8 or WitPrimitiveKind.S8 => 1,
        WitPrimitiveKind.U16 or WitPrimitiveKind.S16 => 2,
        WitPrimitiveKind.U64 or WitPrimitiveKind.S64 or WitPrimitiveKind.F64 => 8,
        _ => 4, // 32-bit numbers, char, and the pointer of a string
    };
}
