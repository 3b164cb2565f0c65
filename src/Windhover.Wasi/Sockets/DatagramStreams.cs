using System.Buffers;
using System.Net;
using System.Net.Sockets;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Sockets;

/// <summary><c>wasi:sockets/udp.incoming-datagram</c>.</summary>
internal readonly record struct IncomingDatagram(ReadOnlyMemory<byte> Data, IPEndPoint RemoteAddress);

/// <summary><c>wasi:sockets/udp.outgoing-datagram</c>.</summary>
internal readonly record struct OutgoingDatagram(ReadOnlyMemory<byte> Data, IPEndPoint? RemoteAddress);

/// <summary>Receives datagrams. Those from peers that the guest may not talk to are dropped unseen.</summary>
internal sealed partial class IncomingDatagramStream : ReadinessSource, IDisposable
{
    // The largest datagram, and how many one call gives.
    private const int MaxDatagram = 65535;
    private const int MaxResults = 16;

    private readonly UdpSocket _socket;
    private readonly int _generation;
    private readonly IGuestBlocking _blocking;
    private readonly PendingOperation<int> _wait;
    private bool _disposed;

    public IncomingDatagramStream(UdpSocket socket, int generation, IGuestBlocking blocking)
    {
        _socket = socket;
        _generation = generation;
        _blocking = blocking;
        _wait = new PendingOperation<int>(this);
        socket.AddUser();
    }

    public override bool IsReady => !IsCurrent || _socket.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead);

    private bool IsCurrent => !_disposed && _generation == _socket.Generation;

    /// <summary>Takes what has arrived, at most <paramref name="maxResults"/> and at most 16 datagrams. Never blocks.</summary>
    public Result<IReadOnlyList<IncomingDatagram>, NetworkError> Receive(ulong maxResults)
    {
        var datagrams = new List<IncomingDatagram>();
        if (!IsCurrent)
            return datagrams;
        var buffer = ArrayPool<byte>.Shared.Rent(MaxDatagram);
        try
        {
            EndPoint any = Addresses.Unspecified(_socket.Family);
            // Unwelcome datagrams count as tries, or a flood of them would keep the guest's thread here.
            for (var tries = 0; tries < MaxResults && (ulong)tries < maxResults; tries++)
            {
                if (!_socket.Socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
                    break;
                var from = any;
                var length = _socket.Socket.ReceiveFrom(buffer.AsSpan(0, MaxDatagram), SocketFlags.None, ref from);
                var peer = (IPEndPoint)from;
                if (_socket.Welcomes(peer))
                    datagrams.Add(new IncomingDatagram(buffer.AsSpan(0, length).ToArray(), peer));
            }
            return datagrams;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            var error = NetworkErrors.From(exception);
            return datagrams.Count > 0 || error == NetworkError.WouldBlock ? datagrams : error;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>A pollable that is ready when something has arrived.</summary>
    public Pollable Subscribe() => new(this, _blocking);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _socket.Release();
    }

    public override void Arm()
    {
        if (_wait.IsCompleted)
            TakeWait();
        if (IsReady)
            SignalReady();
        else if (!_wait.IsActive)
            _wait.Start(PeekAsync());
        _wait.Hook();
    }

    // Peeking leaves the datagram where it is. (Waiting with no buffer at all would take it.)
    private async ValueTask<int> PeekAsync() =>
        await _socket.Socket.ReceiveAsync(new byte[1], SocketFlags.Peek).ConfigureAwait(false);

    private void TakeWait()
    {
        try
        {
            _wait.Take();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The receive that follows reports it.
        }
    }
}

/// <summary>Sends datagrams.</summary>
internal sealed partial class OutgoingDatagramStream : ReadinessSource, IDisposable
{
    private const ulong MaxPermit = 16;

    private readonly UdpSocket _socket;
    private readonly int _generation;
    private readonly IGuestBlocking _blocking;
    private ulong _permit;
    private bool _disposed;

    public OutgoingDatagramStream(UdpSocket socket, int generation, IGuestBlocking blocking)
    {
        _socket = socket;
        _generation = generation;
        _blocking = blocking;
        socket.AddUser();
    }

    /// <summary>Always: a datagram for which the system has no room is one that the network lost.</summary>
    public override bool IsReady => true;

    private bool IsCurrent => !_disposed && _generation == _socket.Generation;

    /// <summary>How many datagrams the next <see cref="Send"/> may carry.</summary>
    public Result<ulong, NetworkError> CheckSend() => IsCurrent ? _permit = MaxPermit : NetworkError.InvalidState;

    /// <summary>Sends datagrams in order, up to the first that fails.</summary>
    /// <returns>How many were sent; an error only if the first one failed.</returns>
    /// <exception cref="GuestMisuseException">More datagrams than <see cref="CheckSend"/> permitted.</exception>
    public Result<ulong, NetworkError> Send(IReadOnlyList<OutgoingDatagram> datagrams)
    {
        if (datagrams.Count == 0)
            return 0UL;
        if ((ulong)datagrams.Count > _permit)
            throw new GuestMisuseException($"A send carried {datagrams.Count} datagrams, but check-send had permitted {_permit}.");
        _permit = 0;
        if (!IsCurrent)
            return NetworkError.InvalidState;

        var sent = 0UL;
        foreach (var datagram in datagrams)
        {
            if (SendOne(datagram) is not { } error)
                sent++;
            else
                return sent > 0 || error == NetworkError.WouldBlock ? sent : error;
        }
        return sent;
    }

    /// <summary>A pollable that is always ready.</summary>
    public Pollable Subscribe() => new(this, _blocking);

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _socket.Release();
    }

    private NetworkError? SendOne(OutgoingDatagram datagram)
    {
        if (!_socket.GetTarget(datagram.RemoteAddress).TryGet(out var target, out var refused))
            return refused;
        var sent = SocketOptions.Try(() => target is null
            ? _socket.Socket.Send(datagram.Data.Span, SocketFlags.None)
            : _socket.Socket.SendTo(datagram.Data.Span, SocketFlags.None, target));
        return sent.IsOk ? null : sent.Error;
    }
}
