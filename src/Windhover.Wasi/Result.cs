namespace Windhover.Wasi;

/// <summary>
/// The outcome of an operation that a guest may see fail: WIT <c>result&lt;T, E&gt;</c>. A value, because failures such as "no such file"
/// are ordinary answers to a guest and an exception costs 10–20 µs.
/// </summary>
/// <typeparam name="T">What success carries; <see cref="Unit"/> for none.</typeparam>
/// <typeparam name="TError">What failure carries; <see cref="Unit"/> for none.</typeparam>
public readonly struct Result<T, TError>
{
    private readonly T _value;
    private readonly TError _error;

    internal Result(bool isOk, T value, TError error)
    {
        IsOk = isOk;
        _value = value;
        _error = error;
    }

    /// <summary>Whether the operation succeeded. <c>default</c> is a failure.</summary>
    public bool IsOk { get; }

    /// <summary>What success carries.</summary>
    /// <exception cref="InvalidOperationException">The operation failed.</exception>
    public T Value => IsOk ? _value : throw new InvalidOperationException($"The operation failed: {_error}.");

    /// <summary>What failure carries.</summary>
    /// <exception cref="InvalidOperationException">The operation succeeded.</exception>
    public TError Error => IsOk ? throw new InvalidOperationException("The operation did not fail.") : _error;

    /// <summary>A success.</summary>
    public static implicit operator Result<T, TError>(T value) => new(true, value, default!);

    /// <summary>A failure.</summary>
    public static implicit operator Result<T, TError>(TError error) => new(false, default!, error);

    /// <summary>Splits into value and error, whichever holds.</summary>
    /// <returns>Whether the operation succeeded.</returns>
    public bool TryGet(out T value, out TError error)
    {
        value = _value;
        error = _error;
        return IsOk;
    }

    /// <inheritdoc/>
    public override string ToString() => IsOk ? $"ok({_value})" : $"error({_error})";
}

/// <summary>No information: the payload of a <c>result</c> case without one.</summary>
public readonly record struct Unit
{
    /// <summary>The one value.</summary>
    public static Unit Value => default;
}
