namespace Windhover.Wasi;

/// <summary>
/// The guest broke a rule for which WASI demands a trap, for example a write beyond the permit of <c>check-write</c>, or polling an empty list.
/// The host function that threw it ends as a trap of the guest; the host itself is unharmed.
/// </summary>
public sealed class GuestMisuseException(string message) : Exception(message);
