namespace Windhover.Components.Types;

/// <summary>
/// The lexical rules of labels: words of one case joined by hyphens, the first of which starts with a letter.
/// Explainer.md, "Import and Export Definitions", production <c>label</c>.
/// </summary>
internal static class Kebab
{
    /// <summary>A <c>label</c>: <c>is-XML</c>, <c>a1-2</c>; not <c>1-a</c>, <c>aB</c>, <c>a--b</c>.</summary>
    public static bool IsLabel(ReadOnlySpan<char> text) => IsKebab(text, acronyms: true);

    /// <summary><c>words</c>, as in namespaces and packages: a label without acronyms.</summary>
    public static bool IsWords(ReadOnlySpan<char> text) => IsKebab(text, acronyms: false);

    private static bool IsKebab(ReadOnlySpan<char> text, bool acronyms)
    {
        var first = true;
        foreach (var range in text.Split('-'))
        {
            if (!IsFragment(text[range], first, acronyms))
                return false;
            first = false;
        }

        return !first;
    }

    private static bool IsFragment(ReadOnlySpan<char> fragment, bool first, bool acronyms)
    {
        if (fragment.IsEmpty || (first && !char.IsAsciiLetter(fragment[0])))
            return false;
        bool lower = false, upper = false;
        foreach (var c in fragment)
        {
            if (char.IsAsciiLetterLower(c))
                lower = true;
            else if (char.IsAsciiLetterUpper(c))
                upper = true;
            else if (!char.IsAsciiDigit(c))
                return false;
        }

        return !(lower && upper) && (acronyms || !upper);
    }
}
