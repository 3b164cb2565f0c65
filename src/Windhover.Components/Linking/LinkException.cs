namespace Windhover.Components.Linking;

/// <summary>
/// A component and a host do not fit: an import that nobody provides, a type that differs, an export that is missing. The message names the
/// import or export, what was expected and, where there is one, the nearest thing that is provided.
/// </summary>
public sealed class LinkException : Exception
{
    /// <summary>Creates the exception.</summary>
    public LinkException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception.</summary>
    public LinkException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
