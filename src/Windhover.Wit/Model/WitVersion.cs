using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Windhover.Wit.Model;

/// <summary>A semantic version (semver.org 2.0.0) as it stands after <c>@</c> in a package name. Immutable.</summary>
public sealed class WitVersion : IEquatable<WitVersion>, IComparable<WitVersion>
{
    /// <summary>Makes a version from its parts, unchecked.</summary>
    public WitVersion(ulong major, ulong minor, ulong patch, string prerelease = "", string build = "")
    {
        Major = major;
        Minor = minor;
        Patch = patch;
        Prerelease = prerelease ?? "";
        Build = build ?? "";
    }

    public ulong Major { get; }

    public ulong Minor { get; }

    public ulong Patch { get; }

    /// <summary>What follows <c>-</c>, without it; empty for a release.</summary>
    public string Prerelease { get; }

    /// <summary>What follows <c>+</c>, without it; empty when absent. It takes part in equality, but not in precedence.</summary>
    public string Build { get; }

    /// <summary>
    /// The part that semver-compatible versions share, as the component model canonicalizes import names: <c>2</c> for 2.x.y,
    /// <c>0.3</c> for 0.3.x, <c>0.0.4</c> for 0.0.4. A prerelease is compatible only with itself, so it stands for itself here.
    /// </summary>
    public string CompatibilityTrack =>
        Prerelease.Length > 0 ? ToString()
        : Major > 0 ? Major.ToString(CultureInfo.InvariantCulture)
        : Minor > 0 ? string.Format(CultureInfo.InvariantCulture, "0.{0}", Minor)
        : string.Format(CultureInfo.InvariantCulture, "0.0.{0}", Patch);

    /// <summary>Reads a version.</summary>
    /// <exception cref="FormatException">The text is not a semantic version.</exception>
    public static WitVersion Parse(string text) =>
        TryParse(text, out var version) ? version
            : throw new FormatException($"'{text}' is not a semantic version such as 1.2.3 or 0.2.0-rc.1");

    /// <summary>Reads a version; false when the text is not a semantic version.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out WitVersion? version)
    {
        version = null;
        if (text is null)
            return false;
        var build = "";
        var plus = text.IndexOf('+');
        if (plus >= 0)
        {
            build = text.Substring(plus + 1);
            text = text.Substring(0, plus);
            if (!AreIdentifiers(build, leadingZeroes: true))
                return false;
        }
        var prerelease = "";
        var dash = text.IndexOf('-');
        if (dash >= 0)
        {
            prerelease = text.Substring(dash + 1);
            text = text.Substring(0, dash);
            if (!AreIdentifiers(prerelease, leadingZeroes: false))
                return false;
        }
        var parts = text.Split('.');
        if (parts.Length != 3
            || !TryNumber(parts[0], out var major) || !TryNumber(parts[1], out var minor) || !TryNumber(parts[2], out var patch))
            return false;
        version = new WitVersion(major, minor, patch, prerelease, build);
        return true;
    }

    /// <summary>Precedence of semver.org §11; build metadata breaks ties so that the order agrees with equality.</summary>
    public int CompareTo(WitVersion? other)
    {
        if (other is null)
            return 1;
        var order = Major.CompareTo(other.Major);
        if (order == 0)
            order = Minor.CompareTo(other.Minor);
        if (order == 0)
            order = Patch.CompareTo(other.Patch);
        if (order == 0)
            order = ComparePrerelease(Prerelease, other.Prerelease);
        return order != 0 ? order : string.CompareOrdinal(Build, other.Build);
    }

    public bool Equals(WitVersion? other) =>
        other is not null && Major == other.Major && Minor == other.Minor && Patch == other.Patch
        && Prerelease == other.Prerelease && Build == other.Build;

    public override bool Equals(object? obj) => Equals(obj as WitVersion);

    public override int GetHashCode() =>
        unchecked((((Major.GetHashCode() * 31) + Minor.GetHashCode()) * 31 + Patch.GetHashCode()) * 31 + Prerelease.GetHashCode());

    public static bool operator ==(WitVersion? left, WitVersion? right) => left is null ? right is null : left.Equals(right);

    public static bool operator !=(WitVersion? left, WitVersion? right) => !(left == right);

    public static bool operator <(WitVersion left, WitVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(WitVersion left, WitVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(WitVersion left, WitVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(WitVersion left, WitVersion right) => left.CompareTo(right) >= 0;

    /// <summary>The canonical text, such as <c>0.2.0-rc.1+build5</c>.</summary>
    public override string ToString()
    {
        var text = string.Format(CultureInfo.InvariantCulture, "{0}.{1}.{2}", Major, Minor, Patch);
        if (Prerelease.Length > 0)
            text += "-" + Prerelease;
        return Build.Length > 0 ? text + "+" + Build : text;
    }

    private static bool TryNumber(string text, out ulong value)
    {
        value = 0;
        if (text.Length > 1 && text[0] == '0')
            return false;
        return ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    private static bool AreIdentifiers(string text, bool leadingZeroes)
    {
        foreach (var part in text.Split('.'))
        {
            var numeric = true;
            foreach (var c in part)
            {
                if (c is not ((>= '0' and <= '9') or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '-'))
                    return false;
                numeric &= c is >= '0' and <= '9';
            }
            if (part.Length == 0 || (!leadingZeroes && numeric && part.Length > 1 && part[0] == '0'))
                return false;
        }
        return true;
    }

    private static int ComparePrerelease(string left, string right)
    {
        if (left.Length == 0 || right.Length == 0)
            return right.Length.CompareTo(left.Length); // a release comes after each of its prereleases
        var a = left.Split('.');
        var b = right.Split('.');
        for (var i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            var x = IsNumeric(a[i]);
            var y = IsNumeric(b[i]);
            // Numeric identifiers have no leading zeroes: the longer one is the greater, whatever its size.
            var order = x && y ? (a[i].Length != b[i].Length ? a[i].Length.CompareTo(b[i].Length) : string.CompareOrdinal(a[i], b[i]))
                : x != y ? (x ? -1 : 1)
                : string.CompareOrdinal(a[i], b[i]);
            if (order != 0)
                return order;
        }
        return a.Length.CompareTo(b.Length);
    }

    private static bool IsNumeric(string text)
    {
        foreach (var c in text)
        {
            if (c is < '0' or > '9')
                return false;
        }
        return true;
    }
}
