using System.Buffers;
using System.Net.Sockets;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Sockets;

/// <summary>The receiving half of a connection. Bytes stay in the kernel until the guest reads; waiting holds no buffer.</summary>
internal sealed class TcpInputStream : InputStream
{
    private const int BufferSize = 64 * 1024;

    private readonly TcpConnection _connection;
    private readonly PendingOperation<int> _wait;
    private byte[]? _buffer;
    private bool _closed;
    private bool _disposed;

    public TcpInputStream(TcpConnection connection, IGuestBlocking blocking) : base(blocking)
    {
        _connection = connection;
        _wait = new PendingOperation<int>(this);
        connection.AddUser();
    }

    public override bool IsReady => _closed || _connection.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    public override Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len)
    {
        if (_closed)
            return StreamErrors.Closed;
        if (len == 0)
            return ReadOnlyMemory<byte>.Empty;

        if (_buffer is not { } buffer)
        {
            _connection.Usage.Hold(BufferSize);
            _buffer = buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        }

        var wanted = buffer.AsSpan(0, (int)Math.Min(len, BufferSize));
        var received = _connection.Socket.Receive(wanted, SocketFlags.None, out var error);
        if (error is SocketError.WouldBlock or SocketError.IOPending)
            return ReadOnlyMemory<byte>.Empty;
        if (error != SocketError.Success)
        {
            _closed = true;
            var code = NetworkErrors.From(error);
            return StreamErrors.Failed(new IoError($"Receiving failed: {code}.", code));
        }
        if (received > 0)
            return new ReadOnlyMemory<byte>(buffer, 0, received);
        _closed = true;
        return StreamErrors.Closed;
    }

    /// <summary>The guest shut this direction down.</summary>
    public void Shutdown()
    {
        _closed = true;
        SignalReady();
    }

    public override void Arm()
    {
        if (_wait.IsCompleted)
            TakeWait();
        if (IsReady)
            SignalReady();
        else if (!_wait.IsActive)
            _wait.Start(_connection.Socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None)); // completes once there is something to read
        _wait.Hook();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = _closed = true;
            if (_buffer is { } buffer)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                _connection.Usage.Unhold(BufferSize);
            }

            _buffer = null;
            _connection.Release();
        }
        base.Dispose(disposing);
    }

    private void TakeWait()
    {
        try
        {
            _wait.Take();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The read that follows reports it.
        }
    }
}
