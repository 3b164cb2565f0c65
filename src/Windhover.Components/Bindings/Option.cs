using System.Diagnostics.CodeAnalysis;

namespace Windhover.Components.Bindings;

/// <summary>
/// The outer one of two nested options, <c>option&lt;option&lt;T&gt;&gt;</c>, which <c>T?</c> cannot tell apart. The default value is <c>none</c>.
/// </summary>
public readonly record struct Option<T>
{
    private readonly T _value;

    /// <summary>Makes <c>some</c>.</summary>
    public Option(T value)
    {
        HasValue = true;
        _value = value;
    }

    /// <summary>Whether this is <c>some</c>.</summary>
    public bool HasValue { get; }

    /// <summary>The payload.</summary>
    /// <exception cref="InvalidOperationException">This is <c>none</c>.</exception>
    public T Value => HasValue ? _value : throw new InvalidOperationException("The option is none: it has no value.");

    [SuppressMessage("Usage", "CA2225", Justification = "The constructor is the named alternate.")]
    public static implicit operator Option<T>(T value) => new(value);

    /// <inheritdoc/>
    public override string ToString() => HasValue ? $"some({_value})" : "none";
}
