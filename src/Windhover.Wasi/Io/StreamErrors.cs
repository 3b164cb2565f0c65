using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Wasi.Io;

/// <summary>The two ways in which a stream refuses.</summary>
public static class StreamErrors
{
    /// <summary>The stream is at its end; nothing more will happen on it.</summary>
    public static StreamError Closed => StreamError.Closed.Instance;

    /// <summary>The last operation failed; the stream is closed from here on. To be reported once.</summary>
    public static StreamError Failed(IoError failure) => new StreamError.LastOperationFailed(failure);

    /// <summary>What failed, or null when the stream is closed.</summary>
    public static IoError? GetFailure(this StreamError error) => (error as StreamError.LastOperationFailed)?.Value as IoError;
}
