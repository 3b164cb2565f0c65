using System.Diagnostics.CodeAnalysis;

namespace Windhover.Components.Bindings;

/// <summary>
/// WIT's <c>result&lt;T, E&gt;</c>: a value or an error, without an allocation. An absent payload is <see cref="Unit"/>. The default value is
/// <c>ok</c> of <typeparamref name="T"/>'s default. A value and an error convert implicitly (<c>return ErrorCode.Access;</c>); where the
/// compiler cannot (interfaces, equal types), write <c>Result.Ok&lt;IStream&gt;(s)</c> or <c>Result.Err(e)</c>.
/// </summary>
public readonly struct Result<T, TError> : IEquatable<Result<T, TError>>
{
    private readonly T _value;
    private readonly TError _error;

    private Result(bool isErr, T value, TError error)
    {
        IsErr = isErr;
        _value = value;
        _error = error;
    }

    /// <summary>Whether this is a value.</summary>
    public bool IsOk => !IsErr;

    /// <summary>Whether this is an error.</summary>
    public bool IsErr { get; }

    /// <summary>The value.</summary>
    /// <exception cref="WitException{TError}">This is an error.</exception>
    public T Value => IsErr ? throw new WitException<TError>(_error) : _value;

    /// <summary>The error.</summary>
    /// <exception cref="InvalidOperationException">This is a value.</exception>
    public TError Error => IsErr ? _error : throw new InvalidOperationException("The result is ok: it has no error.");

    /// <summary>Makes a value.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "The way to name both types where they cannot be inferred.")]
    public static Result<T, TError> Ok(T value) => new(false, value, default!);

    /// <summary>Makes an error.</summary>
    [SuppressMessage("Design", "CA1000", Justification = "The way to name both types where they cannot be inferred.")]
    public static Result<T, TError> Err(TError error) => new(true, default!, error);

    [SuppressMessage("Usage", "CA2225", Justification = "Ok is the named alternate.")]
    public static implicit operator Result<T, TError>(T value) => Ok(value);

    [SuppressMessage("Usage", "CA2225", Justification = "Err is the named alternate.")]
    public static implicit operator Result<T, TError>(TError error) => Err(error);

    [SuppressMessage("Usage", "CA2225", Justification = "Ok is the named alternate.")]
    public static implicit operator Result<T, TError>(Ok<T> ok) => Ok(ok.Value);

    [SuppressMessage("Usage", "CA2225", Justification = "Err is the named alternate.")]
    public static implicit operator Result<T, TError>(Err<TError> err) => Err(err.Error);

    public static bool operator ==(Result<T, TError> left, Result<T, TError> right) => left.Equals(right);

    public static bool operator !=(Result<T, TError> left, Result<T, TError> right) => !left.Equals(right);

    /// <summary>Takes the result apart; answers whether it is a value.</summary>
    public bool TryGet([MaybeNullWhen(false)] out T value, [MaybeNullWhen(true)] out TError error)
    {
        value = _value;
        error = _error;
        return !IsErr;
    }

    public bool Equals(Result<T, TError> other) => IsErr == other.IsErr
        && (IsErr ? EqualityComparer<TError>.Default.Equals(_error, other._error) : EqualityComparer<T>.Default.Equals(_value, other._value));

    public override bool Equals(object? obj) => obj is Result<T, TError> other && Equals(other);

    public override int GetHashCode() => IsErr ? HashCode.Combine(1, _error) : HashCode.Combine(0, _value);

    public override string ToString() => IsErr ? $"err({_error})" : $"ok({_value})";
}

/// <summary>Makes <see cref="Result{T, TError}"/> values whose other type the place of use decides.</summary>
public static class Result
{
    /// <summary><c>ok</c> without a payload.</summary>
    public static Ok<Unit> Ok() => default;

    /// <summary><c>ok</c> with a payload.</summary>
    public static Ok<T> Ok<T>(T value) => new(value);

    /// <summary><c>err</c> without a payload.</summary>
    public static Err<Unit> Err() => default;

    /// <summary><c>err</c> with a payload.</summary>
    public static Err<TError> Err<TError>(TError error) => new(error);
}

/// <summary>A value on its way into a <see cref="Result{T, TError}"/>.</summary>
public readonly record struct Ok<T>(T Value);

/// <summary>An error on its way into a <see cref="Result{T, TError}"/>.</summary>
public readonly record struct Err<TError>(TError Error);

/// <summary>The payload that is absent from a <c>result</c>.</summary>
public readonly record struct Unit
{
    /// <inheritdoc/>
    public override string ToString() => "_";
}
