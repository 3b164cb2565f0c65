using System.Net.Sockets;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Sockets;

/// <summary>
/// The sending half of a connection. Bytes go to the kernel at once; what it does not take (at most one permit, 64 KiB) is queued and sent in the
/// background, and the permit is 0 until that is done.
/// </summary>
internal sealed class TcpOutputStream : OutputStream
{
    private const ulong Permit = 64 * 1024;

    private readonly TcpConnection _connection;
    private readonly Queue<byte[]> _queue = new();
    private bool _sending; // guarded by _queue
    private bool _shutdown; // guarded by _queue
    private bool _released; // guarded by _queue
    private NetworkError? _failure; // guarded by _queue
    private bool _closed;

    public TcpOutputStream(TcpConnection connection, IGuestBlocking blocking) : base(blocking)
    {
        _connection = connection;
        connection.AddUser();
    }

    public override bool IsReady
    {
        get
        {
            lock (_queue)
                return !_sending;
        }
    }

    /// <summary>The guest shut this direction down; what is still queued goes first.</summary>
    public void Shutdown()
    {
        _closed = true;
        lock (_queue)
        {
            _shutdown = true;
            if (!_sending)
                ShutdownSocket();
        }
    }

    protected override Result<ulong, StreamError> PermitWrite()
    {
        lock (_queue)
        {
            if (_sending)
                return 0UL;
            return Refused() is { } refused ? refused : Permit;
        }
    }

    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
    {
        lock (_queue)
        {
            if (Refused() is { } refused)
                return refused;
            while (contents.Length > 0 && !_sending)
            {
                var sent = _connection.Socket.Send(contents, SocketFlags.None, out var error);
                if (error == SocketError.Success)
                {
                    contents = contents[sent..];
                }
                else if (error is SocketError.WouldBlock or SocketError.IOPending)
                {
                    _sending = true;
                    _ = SendAsync(contents.ToArray());
                    return Result.Ok();
                }
                else
                {
                    _failure = NetworkErrors.From(error);
                    return Refused()!;
                }
            }
            if (contents.Length > 0)
                _queue.Enqueue(contents.ToArray());
            return Result.Ok();
        }
    }

    protected override Result<Unit, StreamError> FlushBytes()
    {
        lock (_queue)
            return !_sending && Refused() is { } refused ? refused : Result.Ok();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _closed = true;
            lock (_queue)
            {
                if (!_released && !_sending)
                    _connection.Release();
                _released = true; // else released by SendAsync: what was accepted is still sent
            }
        }
        base.Dispose(disposing);
    }

    private async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        NetworkError? failure = null;
        while (true)
        {
            try
            {
                while (failure is null && bytes.Length > 0)
                    bytes = bytes[await _connection.Socket.SendAsync(bytes, SocketFlags.None).ConfigureAwait(false)..];
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                failure = NetworkErrors.From(exception);
            }

            lock (_queue)
            {
                if (failure is null && _queue.TryDequeue(out var next))
                {
                    bytes = next;
                    continue;
                }
                _queue.Clear();
                _failure = failure;
                _sending = false;
                if (_shutdown)
                    ShutdownSocket();
                if (_released)
                    _connection.Release();
            }
            SignalReady();
            return;
        }
    }

    private void ShutdownSocket()
    {
        try
        {
            _connection.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }
    }

    private StreamError? Refused()
    {
        if (_failure is { } failure)
        {
            _failure = null;
            _closed = true;
            return StreamErrors.Failed(new IoError($"Sending failed: {failure}.", failure));
        }
        return _closed ? StreamErrors.Closed : null;
    }
}
