namespace Windhover.Capabilities.Backends;

/// <summary>Why a backend could not do what was asked: guests tell the kinds apart where their interface does.</summary>
public enum BackendFailure
{
    /// <summary>Anything else; the message says what.</summary>
    Other,

    /// <summary>It cannot be reached now. Later calls try again.</summary>
    Unavailable,

    /// <summary>It did not answer in time; whether it did what was asked is unknown.</summary>
    Timeout,

    /// <summary>What was passed cannot be: too long, of the wrong shape.</summary>
    Invalid,

    /// <summary>There is no room left.</summary>
    Full,

    /// <summary>What is there has another type than the operation needs, such as a counter that holds text.</summary>
    WrongType,
}

/// <summary>A backend failed. The message goes to the guest: it names no address, user or path of the host.</summary>
/// <param name="message">What went wrong.</param>
/// <param name="failure">The kind.</param>
/// <param name="inner">The cause, for the log.</param>
public sealed class BackendException(string message, BackendFailure failure = BackendFailure.Other, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind.</summary>
    public BackendFailure Failure => failure;
}
