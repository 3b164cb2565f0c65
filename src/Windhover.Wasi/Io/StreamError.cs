namespace Windhover.Wasi.Io;

/// <summary>Why a stream did not do what was asked: <c>wasi:io/streams.stream-error</c>.</summary>
public readonly record struct StreamError
{
    private StreamError(IoError? failure) => Failure = failure;

    /// <summary>The stream is at its end; nothing more will happen on it.</summary>
    public static StreamError Closed => default;

    /// <summary>What failed, or null when the stream is closed. Reported once; the stream is closed after it.</summary>
    public IoError? Failure { get; }

    /// <summary>Whether the stream is closed.</summary>
    public bool IsClosed => Failure is null;

    /// <summary>The last operation failed; the stream is closed from here on.</summary>
    public static StreamError Failed(IoError failure) => new(failure);

    /// <inheritdoc/>
    public override string ToString() => Failure is null ? "closed" : $"last operation failed: {Failure}";
}
