using System.Globalization;

namespace Windhover.Components.Types;

/// <summary>
/// A version as interface names carry it: semantic versioning 2.0, or a canonical one cut after the number that decides compatibility
/// (<c>1</c>, <c>0.2</c>, <c>0.0.1</c>). Ordered by precedence; build metadata does not count.
/// </summary>
internal sealed record SemanticVersion : IComparable<SemanticVersion>
{
    public required ulong Major { get; init; }

    /// <summary>Null in a canonical version that was cut before it.</summary>
    public ulong? Minor { get; init; }

    /// <summary>Null in a canonical version that was cut before it.</summary>
    public ulong? Patch { get; init; }

    /// <summary>Without the hyphen; empty for a release.</summary>
    public string Prerelease { get; init; } = "";

    public bool IsPrerelease => Prerelease.Length > 0;

    /// <summary>Whether it names a whole compatibility track rather than one version.</summary>
    public bool IsCanonical => Patch is null;

    /// <summary>The numbers that decide compatibility: (1, -, -), (0, 2, -) or (0, 0, 1).</summary>
    public (ulong, ulong?, ulong?) Track =>
        Major > 0 ? (Major, null, null) : Minor is > 0 ? (0, Minor, null) : (0, 0, Patch ?? 0);

    public static SemanticVersion? TryParse(string text)
    {
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        var core = plus < 0 ? text : text[..plus];
        var hyphen = core.IndexOf('-', StringComparison.Ordinal);
        var prerelease = hyphen < 0 ? "" : core[(hyphen + 1)..];
        var numbers = (hyphen < 0 ? core : core[..hyphen]).Split('.');
        if (numbers.Length > 3 || (hyphen >= 0 && (numbers.Length < 3 || !IsDotted(prerelease))) || (plus >= 0 && !IsDotted(text[(plus + 1)..])))
            return null;
        Span<ulong?> parsed = [null, null, null];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (!IsNumber(numbers[i]) || !ulong.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out var n))
                return null;
            parsed[i] = n;
        }

        var version = new SemanticVersion { Major = parsed[0]!.Value, Minor = parsed[1], Patch = parsed[2], Prerelease = prerelease };
        // A cut version must be cut where the track ends: 1 or 0.2, not 0 or 1.2.
        return numbers.Length switch
        {
            1 when version.Major == 0 => null,
            2 when version.Major != 0 || version.Minor == 0 => null,
            _ => version,
        };
    }

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
            return 1;
        var numbers = (Major, Minor ?? 0, Patch ?? 0).CompareTo((other.Major, other.Minor ?? 0, other.Patch ?? 0));
        if (numbers != 0)
            return numbers;
        if (IsPrerelease != other.IsPrerelease)
            return IsPrerelease ? -1 : 1;
        var (mine, theirs) = (Prerelease.Split('.'), other.Prerelease.Split('.'));
        for (var i = 0; i < Math.Min(mine.Length, theirs.Length); i++)
        {
            var order = CompareIdentifier(mine[i], theirs[i]);
            if (order != 0)
                return order;
        }

        return mine.Length.CompareTo(theirs.Length);
    }

    private static int CompareIdentifier(string a, string b) => (IsNumber(a), IsNumber(b)) switch
    {
        (true, true) => a.Length != b.Length ? a.Length.CompareTo(b.Length) : string.CompareOrdinal(a, b),
        (true, false) => -1,
        (false, true) => 1,
        _ => string.CompareOrdinal(a, b),
    };

    private static bool IsNumber(string text) =>
        text.Length > 0 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');

    private static bool IsDotted(string text) =>
        text.Split('.').All(part => part.Length > 0 && part.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}
