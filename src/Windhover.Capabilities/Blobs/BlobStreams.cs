using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Capabilities.Blobs;

/// <summary>The bytes of an object as a guest's stream: one piece is fetched ahead, when the guest first asks.</summary>
internal sealed class BlobInputStream(BlobContent content, GuestContext guest) : InputStream(guest.Wasi)
{
    private const int Piece = 256 * 1024;
    private readonly byte[] _buffer = Hold(guest, (int)Math.Min(Piece, Math.Max(1, content.Length)));
    private bool _disposed;
    private long _left = content.Length;
    private ReadOnlyMemory<byte> _ready;
    private Task<int>? _fetch;

    public override bool IsReady => !_ready.IsEmpty || _left == 0 || _fetch is { IsCompleted: true };

    public override void Arm() => Fetch().ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(SignalReady);

    public override Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len)
    {
        if (_ready.IsEmpty)
        {
            if (_left == 0)
                return StreamErrors.Closed;
            Task<int> fetch = Fetch();
            if (!fetch.IsCompleted)
                return ReadOnlyMemory<byte>.Empty;
            _fetch = null;
            int read = fetch.IsCompletedSuccessfully ? fetch.Result : 0;
            if (read == 0)
            {
                _left = 0;
                return StreamErrors.Failed(new IoError(fetch.Exception?.InnerException?.Message ?? "the object ended early"));
            }

            _ready = _buffer.AsMemory(0, read);
            _left -= read;
        }

        ReadOnlyMemory<byte> taken = _ready[..(int)Math.Min((ulong)_ready.Length, len)];
        _ready = _ready[taken.Length..];
        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        content.Stream.Dispose();
        if (!_disposed)
            guest.Wasi.ReleaseMemory(_buffer.Length);
        _disposed = true;
        base.Dispose(disposing);
    }

    private static byte[] Hold(GuestContext guest, int bytes)
    {
        guest.Wasi.HoldMemory(bytes);
        return new byte[bytes];
    }

    private Task<int> Fetch() => _fetch ??= content.Stream.ReadAsync(_buffer.AsMemory(0, (int)Math.Min(_buffer.Length, _left)), guest.Aborted).AsTask();
}

/// <summary>What a guest writes into an object to be: in memory while it is small, then in a file that nobody else sees.</summary>
internal sealed class BlobOutputStream(GuestContext guest) : OutputStream(guest.Wasi)
{
    private const int InMemory = 256 * 1024;
    private const int FileBuffer = 64 * 1024;
    private const int Step = 1 << 20;
    private Stream _spool = new MemoryStream();
    private int _charged;

    public override bool IsReady => true;

    /// <summary>Whether it grew beyond what an object may have.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>What was written, from its start. It stays this stream's.</summary>
    public Stream Content
    {
        get
        {
            _spool.Position = 0;
            return _spool;
        }
    }

    /// <summary>Deletes what was written. Not with the guest's handle: that is dropped before the object is finished.</summary>
    public void End()
    {
        _spool.Dispose();
        guest.Wasi.ReleaseMemory(_charged);
        _charged = 0;
    }

    protected override Result<ulong, StreamError> PermitWrite() => IsTooLong ? StreamErrors.Closed : (ulong)Step;

    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
    {
        if (IsTooLong || _spool.Length + contents.Length > BlobLimits.ObjectBytes)
        {
            IsTooLong = true;
            return StreamErrors.Failed(new IoError($"an object has more than {BlobLimits.ObjectBytes >> 20} MiB"));
        }

        try
        {
            if (_charged == 0 && _spool is MemoryStream)
            {
                guest.Wasi.HoldMemory(InMemory);
                _charged = InMemory;
            }

            if (_spool is MemoryStream && _spool.Length + contents.Length > InMemory)
                MoveToFile();
            _spool.Write(contents);
            return default(Unit);
        }
        catch (IOException error)
        {
            IsTooLong = true;
            return StreamErrors.Failed(new IoError(error.Message));
        }
    }

    protected override Result<Unit, StreamError> FlushBytes() => default(Unit);

    private void MoveToFile()
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), $"windhover-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, FileBuffer, FileOptions.DeleteOnClose);
        _spool.Position = 0;
        _spool.CopyTo(file);
        _spool = file;
        guest.Wasi.ReleaseMemory(_charged - FileBuffer);
        _charged = FileBuffer;
    }
}
