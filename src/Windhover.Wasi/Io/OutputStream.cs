using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Wasi.Io;

/// <summary>
/// A sink of bytes: <c>wasi:io/streams.output-stream</c>. Used by one guest at a time, from one thread at a time.
/// </summary>
/// <param name="blocking">How the guest waits on it.</param>
public abstract class OutputStream(IGuestBlocking blocking) : ReadinessSource, IOutputStream
{
    /// <summary>The most that <c>blocking-write-and-flush</c> takes: 4096 bytes, by the specification.</summary>
    internal const int MaxBlockingWrite = 4096;

    private static readonly byte[] s_zeroes = new byte[4096];

    // What check-write permitted and write has not used: a write beyond it is a trap.
    private ulong _permit;

    /// <summary>How the guest waits on it.</summary>
    protected IGuestBlocking Blocking => blocking;

    /// <summary>How many bytes the next write may carry; 0 while the stream is busy. Never blocks.</summary>
    public Result<ulong, StreamError> CheckWrite()
    {
        var result = PermitWrite();
        _permit = result.IsOk ? result.Value : 0;
        return result;
    }

    /// <summary>Takes <paramref name="contents"/>, copying them once. Never blocks.</summary>
    /// <exception cref="GuestMisuseException">More bytes than <see cref="CheckWrite"/> permitted.</exception>
    public Result<Unit, StreamError> Write(ReadOnlySpan<byte> contents)
    {
        UsePermit((ulong)contents.Length);
        return WriteBytes(contents);
    }

    /// <summary>As <see cref="Write"/> with <paramref name="len"/> zero bytes.</summary>
    /// <exception cref="GuestMisuseException">More bytes than <see cref="CheckWrite"/> permitted.</exception>
    public Result<Unit, StreamError> WriteZeroes(ulong len)
    {
        UsePermit(len);
        while (len > 0)
        {
            var step = Math.Min(len, (ulong)s_zeroes.Length);
            var result = WriteBytes(s_zeroes.AsSpan(0, (int)step));
            if (!result.IsOk)
                return result;
            len -= step;
        }
        return Result.Ok();
    }

    /// <summary>Asks for what was written to be passed on. Never blocks; <see cref="CheckWrite"/> may give 0 until that is done.</summary>
    public Result<Unit, StreamError> Flush() => FlushBytes();

    /// <summary>Passes on what was written and waits until that is done.</summary>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public Result<Unit, StreamError> BlockingFlush()
    {
        var result = FlushBytes();
        return result.IsOk ? WaitFlushed() : result;
    }

    /// <summary>Writes up to 4096 bytes and flushes them, waiting for both.</summary>
    /// <exception cref="GuestMisuseException">More than 4096 bytes.</exception>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public Result<Unit, StreamError> BlockingWriteAndFlush(ReadOnlySpan<byte> contents)
    {
        BoundBlocking((ulong)contents.Length);
        while (contents.Length > 0)
        {
            var permit = WaitPermit();
            if (!permit.IsOk)
                return permit.Error;
            var step = (int)Math.Min(permit.Value, (ulong)contents.Length);
            var result = Write(contents[..step]);
            if (!result.IsOk)
                return result;
            contents = contents[step..];
        }
        return BlockingFlush();
    }

    /// <summary>As <see cref="BlockingWriteAndFlush"/> with <paramref name="len"/> zero bytes.</summary>
    /// <exception cref="GuestMisuseException">More than 4096 bytes.</exception>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public Result<Unit, StreamError> BlockingWriteZeroesAndFlush(ulong len)
    {
        BoundBlocking(len);
        return BlockingWriteAndFlush(s_zeroes.AsSpan(0, (int)len));
    }

    /// <summary>Moves what <paramref name="source"/> has, up to <paramref name="len"/> bytes and the permit. Never blocks.</summary>
    /// <returns>How many bytes moved.</returns>
    public Result<ulong, StreamError> Splice(InputStream source, ulong len)
    {
        var permit = CheckWrite();
        if (!permit.IsOk)
            return permit;
        len = Math.Min(len, permit.Value);
        if (len == 0)
            return 0UL;

        var read = source.Read(len);
        if (!read.IsOk)
            return read.Error;
        var written = Write(read.Value.Span);
        return written.IsOk ? (ulong)read.Value.Length : written.Error;
    }

    /// <summary>As <see cref="Splice"/>, after waiting for both ends.</summary>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public Result<ulong, StreamError> BlockingSplice(InputStream source, ulong len)
    {
        while (true)
        {
            var permit = WaitPermit();
            if (!permit.IsOk)
                return permit;
            if (len == 0)
                return 0UL;
            if (!source.IsReady)
                blocking.Wait([source]);
            var moved = Splice(source, len);
            if (!moved.IsOk || moved.Value > 0)
                return moved;
        }
    }

    /// <summary>A pollable that is ready when <see cref="CheckWrite"/> would not give 0.</summary>
    public Pollable Subscribe() => new(this, blocking);

    IPollable IOutputStream.Subscribe() => Subscribe();

    Result<ulong, StreamError> IOutputStream.Splice(IInputStream src, ulong len) => Splice((InputStream)src, len);

    Result<ulong, StreamError> IOutputStream.BlockingSplice(IInputStream src, ulong len) => BlockingSplice((InputStream)src, len);

    /// <summary>The guest drops its handle. Bytes that were not flushed may be lost.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the stream owns. May be called more than once.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>How many bytes can be taken now; 0 only if <see cref="ReadinessSource.IsReady"/> will change.</summary>
    protected abstract Result<ulong, StreamError> PermitWrite();

    /// <summary>Takes bytes within the last permit.</summary>
    protected abstract Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents);

    /// <summary>Starts to pass on what was taken.</summary>
    protected abstract Result<Unit, StreamError> FlushBytes();

    private static void BoundBlocking(ulong len)
    {
        if (len > MaxBlockingWrite)
            throw new GuestMisuseException($"A blocking write-and-flush carried {len} bytes; at most {MaxBlockingWrite} are allowed. Use check-write and write.");
    }

    private void UsePermit(ulong len)
    {
        if (len > _permit)
            throw new GuestMisuseException($"A stream write carried {len} bytes, but check-write had permitted {_permit}.");
        _permit -= len;
    }

    private Result<ulong, StreamError> WaitPermit()
    {
        while (true)
        {
            var permit = CheckWrite();
            if (!permit.IsOk || permit.Value > 0)
                return permit;
            if (!IsReady)
                blocking.Wait([this]);
        }
    }

    // A stream that closes itself by its last flush has still delivered everything.
    private Result<Unit, StreamError> WaitFlushed()
    {
        var permit = WaitPermit();
        return permit.IsOk || permit.Error is StreamError.Closed ? Result.Ok() : permit.Error;
    }
}
