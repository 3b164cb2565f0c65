using Windhover.Components.Types;

namespace Windhover.Components.Tests.Types;

/// <summary>
/// Layout and flattening written straight from the definitions of CanonicalABI.md, recursive and slow, to check the precomputed facts against.
/// </summary>
internal static class ReferenceAbi
{
    public static int Alignment(ValType type) => Despecialize(type) switch
    {
        PrimitiveType { Kind: PrimitiveKind.Bool or PrimitiveKind.S8 or PrimitiveKind.U8 } => 1,
        PrimitiveType { Kind: PrimitiveKind.S16 or PrimitiveKind.U16 } => 2,
        PrimitiveType { Kind: PrimitiveKind.S64 or PrimitiveKind.U64 or PrimitiveKind.F64 } => 8,
        ListType { Length: not null } list => Alignment(list.Element),
        RecordType record => record.Types.Max(Alignment),
        VariantType variant => Math.Max(Discriminant(variant), CaseAlignment(variant)),
        FlagsType flags => FlagBytes(flags),
        _ => 4,
    };

    public static int Size(ValType type) => Despecialize(type) switch
    {
        PrimitiveType { Kind: PrimitiveKind.String } => 8,
        PrimitiveType p => Alignment(p),
        ListType { Length: { } n } list => (int)n * Size(list.Element),
        ListType => 8,
        RecordType record => AlignTo(record.Types.Aggregate(0, (s, f) => AlignTo(s, Alignment(f)) + Size(f)), Alignment(record)),
        VariantType v => AlignTo(
            AlignTo(Discriminant(v), CaseAlignment(v)) + v.Payloads.Max(p => p is null ? 0 : Size(p)),
            Alignment(v)),
        FlagsType flags => FlagBytes(flags),
        _ => 4,
    };

    public static List<CoreValueType> Flatten(ValType type)
    {
        switch (Despecialize(type))
        {
            case PrimitiveType p:
                return p.Kind switch
                {
                    PrimitiveKind.S64 or PrimitiveKind.U64 => [CoreValueType.I64],
                    PrimitiveKind.F32 => [CoreValueType.F32],
                    PrimitiveKind.F64 => [CoreValueType.F64],
                    PrimitiveKind.String => [CoreValueType.I32, CoreValueType.I32],
                    _ => [CoreValueType.I32],
                };
            case ListType { Length: { } n } list:
                return [.. Enumerable.Range(0, (int)n).SelectMany(_ => Flatten(list.Element))];
            case ListType:
                return [CoreValueType.I32, CoreValueType.I32];
            case RecordType record:
                return [.. record.Types.SelectMany(Flatten)];
            case VariantType variant:
                var flat = new List<CoreValueType>();
                foreach (var payload in variant.Payloads.OfType<ValType>())
                {
                    foreach (var (i, core) in Flatten(payload).Index())
                    {
                        if (i < flat.Count)
                            flat[i] = Join(flat[i], core);
                        else
                            flat.Add(core);
                    }
                }

                return [CoreValueType.I32, .. flat];
            default:
                return [CoreValueType.I32];
        }
    }

    private static CoreValueType Join(CoreValueType a, CoreValueType b)
    {
        if (a == b)
            return a;
        var narrow = a is CoreValueType.I32 or CoreValueType.F32 && b is CoreValueType.I32 or CoreValueType.F32;
        return narrow ? CoreValueType.I32 : CoreValueType.I64;
    }

    private static ValType Despecialize(ValType type) => type switch
    {
        TupleType t => new RecordType(t.Types.Select((e, i) => new Field($"{i}", e))),
        EnumType e => new VariantType(e.Labels.Select(l => new Case(l, null))),
        OptionType o => new VariantType([new("none", null), new("some", o.Element)]),
        ResultType r => new VariantType([new("ok", r.Ok), new("error", r.Error)]),
        MapType m => new ListType(m.Entry),
        _ => type,
    };

    private static int Discriminant(VariantType variant) => Math.Ceiling(Math.Log2(variant.Labels.Count) / 8) switch { <= 1 => 1, 2 => 2, _ => 4 };

    private static int CaseAlignment(VariantType variant) => variant.Payloads.Max(p => p is null ? 1 : Alignment(p));

    private static int FlagBytes(FlagsType flags) => flags.Labels.Count switch { <= 8 => 1, <= 16 => 2, _ => 4 };

    private static int AlignTo(int offset, int alignment) => (int)Math.Ceiling((double)offset / alignment) * alignment;
}
