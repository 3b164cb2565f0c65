using System.Globalization;

namespace Windhover.Cli.Terminal;

/// <summary>Sizes and times as people write them.</summary>
internal static class Units
{
    private static readonly (string Suffix, long Bytes)[] Sizes =
    [
        ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    private static readonly (string Suffix, double Seconds)[] Times = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    /// <summary><c>12.3 KiB</c>.</summary>
    public static string Size(long bytes)
    {
        foreach (var (suffix, unit) in Sizes.AsSpan(0, 3))
        {
            if (bytes >= unit)
                return string.Create(CultureInfo.InvariantCulture, $"{(double)bytes / unit:0.0} {suffix}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
    }

    /// <summary>Reads <c>64MiB</c>, <c>1.5GB</c>, <c>4096</c>; false when it is none.</summary>
    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        var (suffix, unit) = Sizes.FirstOrDefault(s => text.EndsWith(s.Suffix, StringComparison.OrdinalIgnoreCase), ("", 1));
        if (!TryParse(text[..^suffix.Length], out var value) || value * unit >= long.MaxValue)
            return false;
        bytes = (long)(value * unit);
        return true;
    }

    /// <summary>Reads <c>250ms</c>, <c>5s</c>, <c>1.5m</c>; a number alone is seconds. False when it is none, or over 24 days.</summary>
    public static bool TryParseTime(string text, out TimeSpan time)
    {
        time = default;
        var (suffix, unit) = Times.FirstOrDefault(t => text.EndsWith(t.Suffix, StringComparison.OrdinalIgnoreCase), ("", 1));
        if (!TryParse(text[..^suffix.Length], out var value) || value * unit is <= 0 or > 24 * 86400)
            return false;
        time = TimeSpan.FromSeconds(value * unit);
        return true;
    }

    private static bool TryParse(string text, out double value) =>
        double.TryParse(text.TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
