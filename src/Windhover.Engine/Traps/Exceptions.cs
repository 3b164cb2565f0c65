namespace Windhover.Engine;

/// <summary>The bytes are not a module (or component) that this engine accepts. The message is the validator's, with the offset of the fault.</summary>
public class InvalidModuleException : Exception
{
    /// <summary>Makes one with a message.</summary>
    public InvalidModuleException(string message) : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    public InvalidModuleException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>
/// A module could not be instantiated because its imports do not fit: missing, or of another type. Nothing of the guest has run.
/// </summary>
public class ModuleLinkException : Exception
{
    /// <summary>Makes one with a message.</summary>
    public ModuleLinkException(string message) : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    public ModuleLinkException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>
/// A limit on resources was met outside of guest code: the pool has no free slot, the machine allows no more live instances, or a
/// store's <see cref="StoreLimits"/> forbid what a module needs at its start. Trying again later can help with the first two.
/// </summary>
public class ResourceLimitException : Exception
{
    /// <summary>Makes one with a message.</summary>
    public ResourceLimitException(string message) : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    public ResourceLimitException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>
/// Thrown by a host function to leave the guest on purpose. It passes through <see cref="Function.Call"/> unchanged, as the same
/// object, and is not a failure of the guest.
/// </summary>
public abstract class UnwindException : Exception
{
    /// <summary>Makes one with a message.</summary>
    protected UnwindException(string message) : base(message)
    {
    }

    /// <summary>Makes one with a message and a cause.</summary>
    protected UnwindException(string message, Exception? innerException) : base(message, innerException)
    {
    }
}

/// <summary>A WASI 0.1 guest called <c>proc_exit</c>.</summary>
public sealed class GuestExitException : UnwindException
{
    /// <summary>Makes one for an exit code.</summary>
    public GuestExitException(int exitCode) : base($"The guest exited with code {exitCode}.") => ExitCode = exitCode;

    /// <summary>The code that the guest gave; 0 means success.</summary>
    public int ExitCode { get; }
}
