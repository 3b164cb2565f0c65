using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Wasi.Io;

/// <summary>Fixed bytes; without any, a stream that is at its end from the start.</summary>
internal sealed class MemoryInputStream(ReadOnlyMemory<byte> bytes, IGuestBlocking blocking) : InputStream(blocking)
{
    private ReadOnlyMemory<byte> _left = bytes;

    public override bool IsReady => true;

    public override Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len)
    {
        if (_left.IsEmpty)
            return StreamErrors.Closed;
        var step = Math.Min(_left.Length, Bound(len));
        var taken = _left[..step];
        _left = _left[step..];
        return taken;
    }
}

/// <summary>Takes everything and keeps nothing.</summary>
internal sealed class NullOutputStream(IGuestBlocking blocking) : OutputStream(blocking)
{
    public override bool IsReady => true;

    protected override Result<ulong, StreamError> PermitWrite() => (ulong)PipeOutputStream.Step;

    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents) => Result.Ok();

    protected override Result<Unit, StreamError> FlushBytes() => Result.Ok();
}

/// <summary>
/// Writes synchronously to a <see cref="Stream"/> that several guests may share, such as the host's own standard output: each write is
/// passed on whole, under the stream's lock.
/// </summary>
internal sealed class StreamOutputStream(Stream stream, IGuestBlocking blocking) : OutputStream(blocking)
{
    private bool _closed;

    public override bool IsReady => true;

    protected override Result<ulong, StreamError> PermitWrite() => _closed ? StreamErrors.Closed : (ulong)PipeOutputStream.Step;

    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
    {
        if (_closed)
            return StreamErrors.Closed;
        try
        {
            lock (stream)
                stream.Write(contents);
            return Result.Ok();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or NotSupportedException)
        {
            return Fail(exception);
        }
    }

    protected override Result<Unit, StreamError> FlushBytes()
    {
        if (_closed)
            return StreamErrors.Closed;
        try
        {
            lock (stream)
                stream.Flush();
            return Result.Ok();
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or NotSupportedException)
        {
            return Fail(exception);
        }
    }

    private StreamError Fail(Exception exception)
    {
        _closed = true;
        return StreamErrors.Failed(new IoError(exception.Message));
    }
}
