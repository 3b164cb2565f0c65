namespace Windhover.Components.Bindings;

/// <summary>
/// The error of a WIT <c>result</c> as an exception: thrown by <see cref="Result{T, TError}.Value"/> and, under
/// <see cref="ResultStyle.Exceptions"/>, by exports; thrown by the host in an import under that style, the guest receives <c>err</c>.
/// </summary>
public sealed class WitException<TError>(TError error) : Exception($"The call answered with the error {error}.")
{
    /// <summary>The error.</summary>
    public TError Error { get; } = error;
}
