using System.Globalization;
using Windhover.Wit.Generator.Binding;
using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>How types lie in memory (CanonicalABI.md, "Alignment" and "Element Size"), in words for the author of a plug-in.</summary>
internal static class TypeLayout
{
    private const int MaxLines = 40;

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

    private static void Describe(WitType type, List<string> lines, HashSet<string> seen)
    {
        type = TypeFacts.Resolve(type);
        string name = TypeName(type);
        if (lines.Count >= MaxLines || (type is not WitPrimitive && !seen.Add(name)))
            return;
        uint size = Layout.Size(type);
        string head = string.Create(CultureInfo.InvariantCulture, $"{name}, {size} byte{(size == 1 ? "" : "s")}: ");
        switch (type)
        {
            case WitRecord record:
                uint[] at = Layout.Offsets(record.Fields.Select(f => f.Type));
                lines.Add(head + Of(record.Fields.Select((f, i) => $"{f.Name} {TypeName(f.Type)} at {at[i]}")));
                break;
            case WitTupleType tuple:
                uint[] places = Layout.Offsets(tuple.Elements);
                lines.Add(head + Of(tuple.Elements.Select((t, i) => $"{TypeName(t)} at {places[i]}")));
                break;
            case WitFlags flags:
                lines.Add(head + Of(flags.Labels.Select((l, i) => $"bit {i} {l.Name}")));
                break;
            case WitEnum e:
                lines.Add(head + Of(e.Cases.Select((c, i) => $"{i} {c.Name}")));
                break;
            case WitVariant or WitOptionType or WitResultType:
                lines.Add($"{head}case at 0 ({Of(CasesOf(type).Select((c, i) => $"{i} {c.Name}{(c.Type is null ? "" : " " + TypeName(c.Type))}"))}), value at {Layout.PayloadOffset(type)}");
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
    private static string TypeName(WitType? type) => type is null ? "_" : TypeFacts.Resolve(type) switch
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
}
