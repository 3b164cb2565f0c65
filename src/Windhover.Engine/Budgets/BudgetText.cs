using System.Globalization;

namespace Windhover.Engine;

/// <summary>Budgets as people write them: sizes, times, counts, rates.</summary>
internal static class BudgetText
{
    public const string UnlimitedWord = "unlimited";

    // The longest first, so that `KiB` is not read as `B`.
    private static readonly (string Suffix, decimal Factor)[] Sizes =
    [
        ("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("KB", 1_000), ("B", 1),
    ];

    private static readonly (string Suffix, decimal Factor)[] Times =
    [
        ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond), ("µs", TimeSpan.TicksPerMicrosecond),
        ("h", TimeSpan.TicksPerHour), ("m", TimeSpan.TicksPerMinute), ("s", TimeSpan.TicksPerSecond),
    ];

    private static readonly (string Suffix, decimal Factor)[] Rates = [("/s", 1)];

    public static string Describe(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Bytes => "a size such as `64MiB`",
        BudgetUnit.Time => "a time such as `500ms`, `2s` or `5m`",
        BudgetUnit.PerSecond => "a rate such as `100/s`",
        _ => "a whole number",
    };

    public static string Format(long value, BudgetUnit unit)
    {
        if (value == Budget.Unlimited)
            return UnlimitedWord;
        switch (unit)
        {
            case BudgetUnit.Bytes:
                return value == 0 ? "0" : With(value, Sizes.AsSpan(0, 4)) ?? Number(value);
            case BudgetUnit.Time:
                return With(value, [Times[3], Times[4], Times[5], Times[0]]) ?? Number(value / (decimal)TimeSpan.TicksPerMillisecond) + "ms";
            case BudgetUnit.PerSecond:
                return Number(value) + "/s";
            default:
                return Number(value);
        }
    }

    // The largest unit that leaves a whole number.
    private static string? With(long value, ReadOnlySpan<(string Suffix, decimal Factor)> units)
    {
        foreach (var (suffix, factor) in units)
        {
            if (value >= factor && value % factor == 0)
                return Number(value / factor) + suffix;
        }

        return null;
    }

    private static string Number(decimal value) => value.ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>Reads a number; false when it is none, or one that no <see cref="long"/> can hold.</summary>
    public static bool TryParse(string text, BudgetUnit unit, out long value)
    {
        value = Budget.Unlimited;
        if (text.Equals(UnlimitedWord, StringComparison.OrdinalIgnoreCase))
            return true;
        var (suffixes, factor) = unit switch
        {
            BudgetUnit.Bytes => (Sizes, 1m),
            BudgetUnit.Time => (Times, TimeSpan.TicksPerSecond),
            BudgetUnit.PerSecond => (Rates, 1m),
            _ => ([], 1m),
        };
        ReadOnlySpan<char> digits = text;
        foreach (var (suffix, unitFactor) in suffixes)
        {
            if (!text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
                continue;
            factor = unitFactor;
            digits = digits[..^suffix.Length];
            break;
        }

        // No sign, exponent or group: `-1`, `1e9` and `1,000` are mistakes. 18 digits cannot overflow a decimal with any factor here.
        if (digits.Length > 18 || !decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            return false;
        number *= factor;
        if (number != decimal.Truncate(number) || number >= long.MaxValue)
            return false;
        value = (long)number;
        return true;
    }
}
