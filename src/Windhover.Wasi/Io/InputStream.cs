using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Wasi.Io;

/// <summary>
/// A source of bytes: <c>wasi:io/streams.input-stream</c>. Used by one guest at a time, from one thread at a time.
/// </summary>
/// <param name="blocking">How the guest waits on it.</param>
public abstract class InputStream(IGuestBlocking blocking) : ReadinessSource, IInputStream
{
    /// <summary>At most this many bytes leave a stream in one read (1 MiB), whatever the guest asks for: its length is not to be trusted.</summary>
    internal const int MaxRead = 1 << 20;

    /// <summary>How the guest waits on it.</summary>
    protected IGuestBlocking Blocking => blocking;

    /// <summary>Hands out up to <paramref name="len"/> bytes without blocking.</summary>
    /// <returns>
    /// The bytes, valid until the next call on this stream; empty when none are there yet (or none were asked for). An error when the
    /// stream is closed or failed.
    /// </returns>
    public abstract Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len);

    /// <summary>As <see cref="Read"/>, after waiting until at least one byte, the end or an error is there.</summary>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public Result<ReadOnlyMemory<byte>, StreamError> BlockingRead(ulong len)
    {
        while (true)
        {
            var result = Read(len);
            if (!result.IsOk || result.Value.Length > 0 || len == 0)
                return result;
            if (!IsReady)
                blocking.Wait([this]);
        }
    }

    /// <summary>As <see cref="Read"/>, but drops the bytes.</summary>
    /// <returns>How many were dropped.</returns>
    public virtual Result<ulong, StreamError> Skip(ulong len) => Count(Read(len));

    /// <summary>As <see cref="BlockingRead"/>, but drops the bytes.</summary>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public Result<ulong, StreamError> BlockingSkip(ulong len)
    {
        while (true)
        {
            var result = Skip(len);
            if (!result.IsOk || result.Value > 0 || len == 0)
                return result;
            if (!IsReady)
                blocking.Wait([this]);
        }
    }

    /// <summary>A pollable that is ready when a read would make progress.</summary>
    public Pollable Subscribe() => new(this, blocking);

    IPollable IInputStream.Subscribe() => Subscribe();

    /// <summary>The guest drops its handle: releases what the stream owns.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the stream owns. May be called more than once.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The length of a read that a guest asked for, bounded to what one read gives.</summary>
    protected static int Bound(ulong len) => (int)Math.Min(len, MaxRead);

    private static Result<ulong, StreamError> Count(Result<ReadOnlyMemory<byte>, StreamError> read) =>
        read.TryGet(out var bytes, out var error) ? (ulong)bytes.Length : error;
}
