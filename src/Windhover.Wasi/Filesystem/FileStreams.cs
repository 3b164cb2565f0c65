using System.Buffers;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Filesystem;

/// <summary>Reads a file. Always ready: a read of a file waits for the disk at most.</summary>
internal sealed class FileInputStream(SharedFile file, long offset, IGuestBlocking blocking) : InputStream(blocking)
{
    private const int BufferSize = 64 * 1024;

    private byte[]? _buffer;
    private bool _closed;

    public override bool IsReady => true;

    public override Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len)
    {
        if (_closed)
            return StreamErrors.Closed;
        if (len == 0)
            return ReadOnlyMemory<byte>.Empty;

        if (_buffer is not { } buffer)
        {
            file.Usage.Hold(BufferSize);
            _buffer = buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        }

        var read = FileIo.Read(file.Handle, buffer.AsSpan(0, (int)Math.Min(len, BufferSize)), offset);
        if (!read.IsOk)
        {
            _closed = true;
            return StreamErrors.Failed(new IoError($"Reading the file failed: {read.Error}.", read.Error));
        }
        if (read.Value == 0)
            return StreamErrors.Closed; // not for good: the file may grow
        offset += read.Value;
        return new ReadOnlyMemory<byte>(buffer, 0, read.Value);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && _buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
            file.Usage.Unhold(BufferSize);
        }
        _closed = true;
        file.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Writes a file, from an offset on or (without one) always at its end. Writes go to the operating system at once.</summary>
internal sealed class FileOutputStream(SharedFile file, long? offset, IGuestBlocking blocking) : OutputStream(blocking)
{
    // Guests that split large writes by the permit make one system call per permit.
    private const ulong Permit = 1 << 20;

    private bool _closed;

    public override bool IsReady => true;

    protected override Result<ulong, StreamError> PermitWrite() => _closed ? StreamErrors.Closed : Permit;

    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
    {
        if (_closed)
            return StreamErrors.Closed;
        while (contents.Length > 0)
        {
            var written = offset is { } at ? FileIo.Write(file.Handle, contents, at) : FileIo.Append(file.Handle, contents);
            if (!written.IsOk)
            {
                _closed = true;
                return StreamErrors.Failed(new IoError($"Writing the file failed: {written.Error}.", written.Error));
            }
            if (offset is not null)
                offset += written.Value;
            contents = contents[written.Value..];
        }
        return Result.Ok();
    }

    protected override Result<Unit, StreamError> FlushBytes() => _closed ? StreamErrors.Closed : Result.Ok();

    protected override void Dispose(bool disposing)
    {
        _closed = true;
        file.Dispose();
        base.Dispose(disposing);
    }
}
