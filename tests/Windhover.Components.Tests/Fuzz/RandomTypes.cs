using System.Text;

namespace Windhover.Components.Tests.Fuzz;

/// <summary>Random value types in component text. Types that need a name to be exported come from a fixed set, <see cref="Named"/>.</summary>
internal static class RandomTypes
{
    /// <summary>Definitions of the named ones, for the head of a component.</summary>
    public const string Named = """
        (type $enum0 (enum "a" "b" "c" "d" "e")) (export $enum "n-enum" (type $enum0))
        (type $flags0 (flags "a" "b" "c")) (export $flags "n-flags" (type $flags0))
        (type $wide0 (flags "a" "b" "c" "d" "e" "f" "g" "h" "i" "j" "k" "l" "m" "n" "o" "p" "q" "r")) (export $wide "n-wide" (type $wide0))
        (type $record0 (record (field "a" u8) (field "b" string) (field "c" s64))) (export $record "n-record" (type $record0))
        (type $variant0 (variant (case "none") (case "text" string) (case "wide" f64) (case "bytes" (list u8)) (case "both" (tuple u8 f32))))
        (export $variant "n-variant" (type $variant0))
        """;

    private static readonly string[] s_simple =
        ["bool", "s8", "u8", "s16", "u16", "s32", "u32", "s64", "u64", "f32", "f64", "char", "string", "$enum", "$flags", "$wide", "$record", "$variant"];

    public static string Next(Random random, int depth = 0)
    {
        if (depth > 4 || random.Next(3) == 0)
            return s_simple[random.Next(s_simple.Length)];
        return random.Next(5) switch
        {
            0 => $"(list {Next(random, depth + 1)})",
            1 => $"(option {Next(random, depth + 1)})",
            2 => Result(random, depth),
            _ => Tuple(random, depth),
        };
    }

    private static string Result(Random random, int depth)
    {
        var text = new StringBuilder("(result");
        if (random.Next(4) != 0)
            text.Append(' ').Append(Next(random, depth + 1));
        if (random.Next(3) != 0)
            text.Append(" (error ").Append(Next(random, depth + 1)).Append(')');
        return text.Append(')').ToString();
    }

    private static string Tuple(Random random, int depth) =>
        $"(tuple {string.Join(' ', Enumerable.Range(0, random.Next(1, 6)).Select(_ => Next(random, depth + 1)))})";
}
