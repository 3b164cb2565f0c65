using Windhover.Wit.Model;

namespace Windhover.Cli.New;

/// <summary>The core type of a WIT function (CanonicalABI.md, "Flattening"), written in C.</summary>
internal static class CoreSignature
{
    private const int MaxParameters = 16, MaxResults = 1;

    /// <summary>Parameters and result as C writes them.</summary>
    public static (string Parameters, string Result) Of(WitFunction function, bool isImport)
    {
        var parameters = new List<string>();
        var flat = new List<(string Name, string Type)>();
        foreach (WitParameter parameter in function.Parameters)
        {
            List<string> types = Flatten(parameter.Type);
            for (int i = 0; i < types.Count; i++)
                flat.Add((Snake(parameter.Name) + (types.Count == 1 ? "" : Suffix(parameter.Type, i)), types[i]));
        }

        if (flat.Count > MaxParameters)
            parameters.Add("const void *arguments");
        else
            parameters.AddRange(flat.Select(f => $"{f.Type} {f.Name}"));
        List<string> results = function.Result is null ? [] : Flatten(function.Result);
        string result = results.Count == 0 ? "void" : results[0];
        if (results.Count > MaxResults)
        {
            result = isImport ? "void" : "void *";
            if (isImport)
                parameters.Add("void *result");
        }

        return (parameters.Count == 0 ? "void" : string.Join(", ", parameters), result);
    }

    /// <summary><c>shop:pricing/rules@1.0.0</c> and <c>[method]basket.add</c> → <c>rules_basket_add</c>.</summary>
    public static string Identifier(string? from, WitFunction function)
    {
        string name = Snake(function.CanonicalName);
        if (from is null)
            return "plugin_" + name;
        string path = from.Split('@')[0];
        return Snake(path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..]) + "_" + name;
    }

    private static string Suffix(WitType type, int i) => Resolve(type) is WitListType or WitPrimitive ? i == 0 ? "" : "_length" : "_" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static string Snake(string name)
    {
        string text = new([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_')]);
        return text.Trim('_') is { Length: > 0 } trimmed ? (char.IsAsciiDigit(trimmed[0]) ? "_" + trimmed : IsKeyword(trimmed) ? trimmed + "_" : trimmed) : "_";
    }

    private static bool IsKeyword(string name) => name is "auto" or "bool" or "break" or "case" or "char" or "const" or "continue" or "default" or "do" or "double"
        or "else" or "enum" or "extern" or "false" or "float" or "for" or "goto" or "if" or "inline" or "int" or "long" or "register" or "return" or "short"
        or "signed" or "sizeof" or "static" or "struct" or "switch" or "true" or "typedef" or "typeof" or "union" or "unsigned" or "void" or "volatile" or "while";

    private static WitType Resolve(WitType type)
    {
        while (type is WitAlias alias)
            type = alias.Target;
        return type;
    }

    // The resolver bounds the depth of a type to 200 and its size to 1,000,000.
    private static List<string> Flatten(WitType type)
    {
        switch (Resolve(type))
        {
            case WitPrimitive p:
                return p.Kind switch
                {
                    WitPrimitiveKind.U64 or WitPrimitiveKind.S64 => ["int64_t"],
                    WitPrimitiveKind.F32 => ["float"],
                    WitPrimitiveKind.F64 => ["double"],
                    WitPrimitiveKind.String => ["const char *", "uint32_t"],
                    _ => ["uint32_t"],
                };
            case WitListType or WitMapType:
                return ["const void *", "uint32_t"];
            case WitFixedListType list:
                return [.. Enumerable.Repeat(Flatten(list.Element), (int)Math.Min(list.Length, MaxParameters + 1)).SelectMany(e => e)];
            case WitRecord record:
                return [.. record.Fields.SelectMany(f => Flatten(f.Type))];
            case WitTupleType tuple:
                return [.. tuple.Elements.SelectMany(Flatten)];
            case WitVariant variant:
                return Join(variant.Cases.Select(c => c.Type));
            case WitOptionType option:
                return Join([null, option.Element]);
            case WitResultType result:
                return Join([result.Ok, result.Error]);
            default:
                return ["uint32_t"];
        }
    }

    private static List<string> Join(IEnumerable<WitType?> cases)
    {
        var joined = new List<string>();
        foreach (WitType? type in cases)
        {
            List<string> flat = type is null ? [] : Flatten(type);
            for (int i = 0; i < flat.Count; i++)
            {
                if (i == joined.Count)
                    joined.Add(flat[i]);
                else if (joined[i] != flat[i])
                    joined[i] = Wide(joined[i]) || Wide(flat[i]) ? "int64_t" : "uint32_t";
            }
        }

        return ["uint32_t", .. joined];
    }

    private static bool Wide(string type) => type is "int64_t" or "double";
}
