using System.Globalization;

namespace Windhover.Cli.New;

/// <summary>Names of WIT as names of programming languages: those of no keyword in any of them, so that one rule serves all.</summary>
internal static class Names
{
    private static readonly HashSet<string> s_keywords =
    [
        .. ("abstract alignas alignof and any as asm async auto await bool break case catch chan char class const constexpr continue crate debugger declare default defer delete do double "
            + "dyn else enum explicit export extends extern f32 f64 fallthrough false final finally float fn for friend from func function get go goto i32 i64 if impl implements import in "
            + "inline instanceof int interface is isize let long loop map match mod module move mut mutable namespace native new not null number of operator or override package private "
            + "protected pub public range ref register return select self set short signed sizeof static string struct super switch symbol template this throw trait true try type typedef "
            + "typeof typename u32 u64 union unsafe unsigned use usize using var virtual void volatile where while with xor yield").Split(' '),
    ];

    /// <summary><c>sale-price</c> → <c>sale_price</c></summary>
    public static string Snake(string name)
    {
        string text = new string([.. name.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '_')]).Trim('_');
        return text.Length == 0 ? "_" : char.IsAsciiDigit(text[0]) ? "_" + text : s_keywords.Contains(text) ? text + "_" : text;
    }

    /// <summary><c>sale-price</c> → <c>salePrice</c></summary>
    public static string Camel(string name)
    {
        string[] words = name.Split('-', '_');
        return words[0].ToLowerInvariant() + string.Concat(words.Skip(1).Select(Capital));
    }

    /// <summary><c>sale-price</c> → <c>SalePrice</c></summary>
    public static string Pascal(string name) => string.Concat(name.Split('-', '_').Select(Capital));

    /// <summary><c>shop:pricing/rules@1.0.0</c> and <c>[method]basket.add</c> → <c>rules_basket_add</c>; <c>plugin_…</c> where there is no interface.</summary>
    public static string Function(string? from, string name)
    {
        string path = from?.Split('@')[0] ?? "plugin", plain = name[(name.IndexOf(']', StringComparison.Ordinal) + 1)..];
        string kind = name[..(name.IndexOf(']', StringComparison.Ordinal) + 1)] switch
        {
            "[constructor]" => "_new",
            "[dtor]" => "_end",
            "[resource-new]" => "_to_handle",
            "[resource-rep]" => "_of_handle",
            "[resource-drop]" => "_drop",
            _ => "",
        };
        return Join(Snake(path[(path.IndexOf('/', StringComparison.Ordinal) + 1)..]), Snake(plain)) + kind;

        static string Join(string first, string second) => string.Create(CultureInfo.InvariantCulture, $"{first.TrimEnd('_')}_{second.TrimEnd('_')}");
    }

    private static string Capital(string word) => word.Length == 0 ? "" : char.ToUpperInvariant(word[0]) + word[1..];
}
