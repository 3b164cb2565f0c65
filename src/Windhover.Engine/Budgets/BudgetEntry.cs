namespace Windhover.Engine;

/// <summary>What is known about one budget; the whole table is <see cref="Budget.Entries"/>. Numbers are bytes, ticks of 100 ns, or counts.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Key">Its name on the command line, in manifests, errors and metrics: <c>memory-per-instance</c>.</param>
/// <param name="Unit">What the number counts.</param>
/// <param name="Scope">What it is held against.</param>
/// <param name="Default">The number when nobody says another.</param>
/// <param name="Minimum">The lowest number that makes sense.</param>
/// <param name="Maximum">The highest number; above it there is only <see cref="Budget.Unlimited"/>.</param>
/// <param name="AtLimit">What happens at the limit, in a few words.</param>
public sealed record BudgetEntry(
    BudgetKind Kind, string Key, BudgetUnit Unit, BudgetScope Scope, long Default, long Minimum, long Maximum, string AtLimit)
{
    /// <summary>The range as errors write it: <c>64KiB to 1TiB, or unlimited</c>.</summary>
    public string Range => $"{Format(Minimum)} to {Format(Maximum)}, or {BudgetText.UnlimitedWord}";

    /// <summary>A number of this budget as people write it; <see cref="BudgetEntry"/>'s own parser reads it back to the same number.</summary>
    public string Format(long value) => BudgetText.Format(value, Unit);

    /// <summary>Whether the number is one that the budget can have.</summary>
    public bool Allows(long value) => value == Budget.Unlimited || (value >= Minimum && value <= Maximum);

    /// <summary>Reads a number of this budget.</summary>
    /// <exception cref="BudgetFormatException">It does not parse, or is out of range; the message tells the range.</exception>
    public long Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!BudgetText.TryParse(text, Unit, out var value))
            throw new BudgetFormatException($"budget `{Key}`: `{Clip(text)}` is not {BudgetText.Describe(Unit)}; allowed: {Range}");
        return Allows(value) ? value : throw new BudgetFormatException($"budget `{Key}`: `{Clip(text)}` is out of range; allowed: {Range}");
    }

    internal static string Clip(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
