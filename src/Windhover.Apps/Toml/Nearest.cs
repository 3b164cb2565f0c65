namespace Windhover.Apps.Toml;

/// <summary>The name that a person probably meant.</summary>
internal static class Nearest
{
    /// <summary>The name with the fewest letters to change, when these are few enough to be a slip; null otherwise.</summary>
    public static string? Find(string wrong, IEnumerable<string> known)
    {
        (string Name, int Distance)? best = null;
        foreach (string name in known)
        {
            int distance = Distance(wrong, name);
            if (best is null || distance < best.Value.Distance)
                best = (name, distance);
        }

        return best is { } found && found.Distance <= Math.Max(2, wrong.Length / 3) ? found.Name : null;
    }

    /// <summary><c>; the nearest is `name`</c>, or what there is when nothing is near.</summary>
    public static string Hint(string wrong, IReadOnlyCollection<string> known) =>
        Find(wrong, known) is { } nearest ? $"; the nearest is `{nearest}`"
        : known.Count == 0 ? "; there is none"
        : $"; there is {string.Join(", ", known.Order(StringComparer.Ordinal).Take(12).Select(k => $"`{k}`"))}";

    // Levenshtein; a transposition counts two.
    private static int Distance(string a, string b)
    {
        if (a.Length > 64 || b.Length > 64)
            return int.MaxValue;
        Span<int> row = stackalloc int[65];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[b.Length];
    }
}
