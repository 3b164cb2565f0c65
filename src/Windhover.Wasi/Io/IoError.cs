using Windhover.Wasi.Bindings.Wasi.Io.Error;

namespace Windhover.Wasi.Io;

/// <summary>Why a stream operation failed: <c>wasi:io/error.error</c>.</summary>
/// <param name="message">For humans.</param>
/// <param name="code">The error code of the service behind the stream (file system, sockets, HTTP), which that service's "downcast" function finds.</param>
public sealed class IoError(string message, object? code = null) : IError
{
    /// <summary>The error code of the service behind the stream, or null.</summary>
    public object? Code => code;

    /// <summary>A text for humans; no part of it is a contract.</summary>
    public string ToDebugString() => message;

    /// <inheritdoc/>
    public override string ToString() => message;

    /// <summary>Holds nothing: present because a guest drops it as a resource.</summary>
    public void Dispose()
    {
    }
}
