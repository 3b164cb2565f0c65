namespace Windhover.Components.Binary;

/// <summary>
/// A binary is not a well-formed or not a valid component: bad preamble, a truncated section, an unknown opcode, a type rule broken.
/// </summary>
/// <remarks>Thrown by everything that reads a component; nothing else escapes from the decoder, whatever the bytes.</remarks>
public sealed class InvalidComponentException : Exception
{
    /// <summary>Creates the exception for a place in the binary.</summary>
    /// <param name="message">What is wrong, without the place.</param>
    /// <param name="offset">Byte offset from the start of the outermost binary.</param>
    /// <param name="section">The section that was being read, such as <c>type section</c>.</param>
    public InvalidComponentException(string message, long offset, string section)
        : base($"{message} (at byte {offset} (0x{offset:x}) in the {section})")
    {
        Offset = offset;
        Section = section;
    }

    /// <summary>Creates the exception where no place is known, for instance when a validator refused the component as a whole.</summary>
    public InvalidComponentException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Byte offset from the start of the outermost binary; null when the place is not known.</summary>
    public long? Offset { get; }

    /// <summary>The section that was being read; null when the place is not known.</summary>
    public string? Section { get; }
}
