using System.Globalization;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>How types lie in memory (CanonicalABI.md, "Alignment" and "Element Size"), in words for the author of a plug-in.</summary>
internal static class TypeLayout
{
    private const int MaxLines = 40;

    public static WitType Resolve(WitType type)
    {
        while (type is WitAlias alias)
            type = alias.Target;
        return type;
    }

    /// <summary>A line for each compound type in a function: <c>line, 12 bytes: sku string at 0, cents u32 at 8</c>.</summary>
    public static IReadOnlyList<string> Describe(WitFunction function)
    {
        var lines = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (WitParameter parameter in function.Parameters)
            Describe(parameter.Type, lines, seen);
        if (function.Result is { } result)
            Describe(result, lines, seen);
        return lines;
    }

    /// <summary>Bytes and alignment.</summary>
    public static (int Size, int Align) Measure(WitType type)
    {
        switch (Resolve(type))
        {
            case WitPrimitive p:
                int bytes = p.Kind switch
                {
                    WitPrimitiveKind.Bool or WitPrimitiveKind.U8 or WitPrimitiveKind.S8 => 1,
                    WitPrimitiveKind.U16 or WitPrimitiveKind.S16 => 2,
                    WitPrimitiveKind.U64 or WitPrimitiveKind.S64 or WitPrimitiveKind.F64 => 8,
                    _ => 4,
                };
                return p.Kind == WitPrimitiveKind.String ? (8, 4) : (bytes, bytes);
            case WitListType or WitMapType:
                return (8, 4);
            case WitFixedListType list:
                (int size, int align) = Measure(list.Element);
                return ((int)Math.Min(int.MaxValue, (long)size * list.Length), align);
            case WitRecord record:
                return Sequence(record.Fields.Select(f => f.Type), out _);
            case WitTupleType tuple:
                return Sequence(tuple.Elements, out _);
            case WitFlags flags:
                int width = flags.Labels.Count <= 8 ? 1 : flags.Labels.Count <= 16 ? 2 : 4;
                return (width, width);
            case WitEnum e:
                int tag = Tag(e.Cases.Count);
                return (tag, tag);
            case WitVariant or WitOptionType or WitResultType:
                return Cases(Resolve(type), out _);
            default:
                return (4, 4);
        }
    }

    private static void Describe(WitType type, List<string> lines, HashSet<string> seen)
    {
        type = Resolve(type);
        string name = TypeName(type);
        if (lines.Count >= MaxLines || (type is not WitPrimitive && !seen.Add(name)))
            return;
        (int size, _) = Measure(type);
        string head = string.Create(CultureInfo.InvariantCulture, $"{name}, {size} byte{(size == 1 ? "" : "s")}: ");
        switch (type)
        {
            case WitRecord record:
                Sequence(record.Fields.Select(f => f.Type), out int[] at);
                lines.Add(head + Of(record.Fields.Select((f, i) => $"{f.Name} {TypeName(f.Type)} at {at[i]}")));
                break;
            case WitTupleType tuple:
                Sequence(tuple.Elements, out int[] places);
                lines.Add(head + Of(tuple.Elements.Select((t, i) => $"{TypeName(t)} at {places[i]}")));
                break;
            case WitFlags flags:
                lines.Add(head + Of(flags.Labels.Select((l, i) => $"bit {i} {l.Name}")));
                break;
            case WitEnum e:
                lines.Add(head + Of(e.Cases.Select((c, i) => $"{i} {c.Name}")));
                break;
            case WitVariant or WitOptionType or WitResultType:
                Cases(type, out int value);
                lines.Add($"{head}case at 0 ({Of(CasesOf(type).Select((c, i) => $"{i} {c.Name}{(c.Type is null ? "" : " " + TypeName(c.Type))}"))}), value at {value}");
                break;
            case WitListType:
                seen.Remove(name);
                break;
        }

        foreach (WitType part in Parts(type))
            Describe(part, lines, seen);
    }

    private static string Of(IEnumerable<string> parts) => string.Join(", ", parts);

    /// <summary>As WIT writes it, names for what has one.</summary>
    private static string TypeName(WitType? type) => type is null ? "_" : Resolve(type) switch
    {
        WitPrimitive p => p.Name,
        WitTypeDef named => named.Name,
        WitListType list => $"list<{TypeName(list.Element)}>",
        WitFixedListType list => $"list<{TypeName(list.Element)}, {list.Length}>",
        WitOptionType option => $"option<{TypeName(option.Element)}>",
        WitResultType { Ok: null, Error: null } => "result",
        WitResultType { Error: null } result => $"result<{TypeName(result.Ok)}>",
        WitResultType result => $"result<{TypeName(result.Ok)}, {TypeName(result.Error)}>",
        WitTupleType tuple => $"tuple<{Of(tuple.Elements.Select(TypeName))}>",
        WitMapType map => $"map<{TypeName(map.Key)}, {TypeName(map.Value)}>",
        WitOwnType own => own.Resource.Definition.Name,
        WitBorrowType borrow => $"borrow<{borrow.Resource.Definition.Name}>",
        _ => "handle",
    };

    private static IEnumerable<WitType> Parts(WitType type) => type switch
    {
        WitRecord record => record.Fields.Select(f => f.Type),
        WitTupleType tuple => tuple.Elements,
        WitListType list => [list.Element],
        WitFixedListType list => [list.Element],
        WitMapType map => [map.Key, map.Value],
        WitVariant or WitOptionType or WitResultType => CasesOf(type).Select(c => c.Type).OfType<WitType>(),
        _ => [],
    };

    private static IReadOnlyList<(string Name, WitType? Type)> CasesOf(WitType type) => type switch
    {
        WitVariant variant => [.. variant.Cases.Select(c => (c.Name, c.Type))],
        WitOptionType option => [("none", null), ("some", option.Element)],
        WitResultType result => [("ok", result.Ok), ("error", result.Error)],
        _ => [],
    };

    private static (int Size, int Align) Sequence(IEnumerable<WitType> types, out int[] offsets)
    {
        int at = 0, most = 1;
        var places = new List<int>();
        foreach (WitType type in types)
        {
            (int size, int align) = Measure(type);
            at = Up(at, align);
            places.Add(at);
            at += size;
            most = Math.Max(most, align);
        }

        offsets = [.. places];
        return (Up(at, most), most);
    }

    private static (int Size, int Align) Cases(WitType type, out int value)
    {
        IReadOnlyList<(string, WitType? Type)> cases = CasesOf(type);
        int tag = Tag(cases.Count), largest = 0, most = 1;
        foreach ((_, WitType? part) in cases)
        {
            (int size, int align) = part is null ? (0, 1) : Measure(part);
            largest = Math.Max(largest, size);
            most = Math.Max(most, align);
        }

        value = Up(tag, most);
        most = Math.Max(most, tag);
        return (Up(value + largest, most), most);
    }

    private static int Tag(int cases) => cases <= 256 ? 1 : cases <= 65536 ? 2 : 4;

    private static int Up(int at, int align) => (at + align - 1) / align * align;
}
