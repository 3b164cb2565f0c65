namespace Windhover.Components.Bindings;

/// <summary>An error that WIT declares, as an exception of whatever type the error has: part of a function's contract, not a failure of the guest.</summary>
public abstract class WitException : Exception
{
    private protected WitException(string message)
        : base(message)
    {
    }
}

/// <summary>
/// The error of a WIT <c>result</c> as an exception: thrown by <see cref="Result{T, TError}.Value"/> and, under
/// <see cref="ResultStyle.Exceptions"/>, by exports; thrown by the host in an import under that style, the guest receives <c>err</c>.
/// </summary>
public sealed class WitException<TError>(TError error) : WitException($"The call answered with the error {error}.")
{
    /// <summary>The error.</summary>
    public TError Error { get; } = error;
}
