namespace Windhover.Cli.Commands;

/// <summary>How many letters to change, add or take out to make one word of another (Levenshtein), for "did you mean".</summary>
internal static class Distance
{
    public static int Between(string a, string b)
    {
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 0; i < a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i + 1;
            for (var j = 0; j < b.Length; j++)
                row[j + 1] = Math.Min(Math.Min(row[j], previous[j + 1]) + 1, previous[j] + (a[i] == b[j] ? 0 : 1));
            previous = row;
        }

        return previous[b.Length];
    }
}
