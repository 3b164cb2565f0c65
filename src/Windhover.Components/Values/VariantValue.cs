namespace Windhover.Components.Values;

/// <summary>
/// A dynamic value of a variant, option or result: the number of its case and the payload, null when the case has none.
/// An option is case 0 (none) or 1 (some); a result is case 0 (ok) or 1 (err).
/// </summary>
/// <param name="Case">The case's number, from 0, in the order of the type.</param>
/// <param name="Payload">The payload as a .NET value of its type, or null.</param>
public sealed record VariantValue(uint Case, object? Payload = null)
{
    /// <summary>The option without a value.</summary>
    public static VariantValue None { get; } = new(0);

    /// <summary>An option with a value.</summary>
    public static VariantValue Some(object? value) => new(1, value);

    /// <summary>A successful result.</summary>
    public static VariantValue Ok(object? value = null) => new(0, value);

    /// <summary>A failed result.</summary>
    public static VariantValue Error(object? value = null) => new(1, value);
}
