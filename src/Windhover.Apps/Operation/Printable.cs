using System.Globalization;
using System.Text;

namespace Windhover.Apps.Operation;

// What a guest wrote is shown to people: in a terminal, where escape sequences would move the cursor, recolour or type; and in a page, where characters that turn the
// direction of the text around let a line say something else than it holds. Both are made visible, nothing is dropped.
internal static class Printable
{
    /// <summary>The text with control characters as their pictures (ESC as ␛) and without marks that reorder text. Line ends and tabs stay.</summary>
    public static string Of(string text)
    {
        int first = text.AsSpan().IndexOfAnyExceptInRange(' ', '~');
        if (first < 0)
            return text;
        var clean = new StringBuilder(text, 0, first, text.Length + 16);
        foreach (Rune rune in text.AsSpan(first).EnumerateRunes())
            clean.Append(Visible(rune));
        return clean.ToString();
    }

    private static string Visible(Rune rune) => rune.Value switch
    {
        '\n' or '\t' => rune.ToString(),
        < 0x20 => ((char)(0x2400 + rune.Value)).ToString(),
        0x7f => "␡",
        >= 0x80 and < 0xa0 => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
        0x200e or 0x200f or 0x061c or (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) => string.Create(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
        _ => rune.ToString(),
    };
}
