using System.Globalization;
using System.Text;

namespace Windhover.Engine;

/// <summary>Text that nobody vouches for (what guests write, names in their binaries) as one line that no terminal or reader of logs obeys.</summary>
internal static class ReadableText
{
    /// <summary>Control characters, line separators, and what turns the direction of text around, are written as <c>\u001b</c>.</summary>
    public static string Of(string text)
    {
        if (!text.Any(IsObeyed))
            return text;
        var readable = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsObeyed(c))
                readable.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            else
                readable.Append(c);
        }

        return readable.ToString();
    }

    private static bool IsObeyed(char c) =>
        (char.IsControl(c) && c != '\t') || c is '\u2028' or '\u2029' or (>= '\u200e' and <= '\u200f') or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');
}
