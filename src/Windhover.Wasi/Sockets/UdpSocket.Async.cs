using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace Windhover.Wasi.Sockets;

/// <summary>The peer that a socket is limited to, and datagrams one at a time, waiting on no thread: what WASI 0.3 asks for.</summary>
internal sealed partial class UdpSocket
{
    // The largest datagram.
    private const int MaxDatagram = 65535;

    // So many unwelcome datagrams in a row, and the receiver lets others have its thread.
    private const int MaxTries = 16;

    /// <summary>Limits the socket to one peer, in place of an earlier one; binds it first if it is not bound.</summary>
    public Result<Unit, NetworkError> Connect(NetworkGrant network, IPEndPoint remote)
    {
        if (CheckPeer(network, remote) is { } refused)
            return refused;
        return EnsureBound(network).TryGet(out _, out var error) ? Associate(remote) : error;
    }

    /// <summary>Ends what <see cref="Connect"/> began.</summary>
    public Result<Unit, NetworkError> Disconnect() => Remote is null ? NetworkError.InvalidState : Associate(null);

    /// <summary>Sends one datagram; binds the socket first if it is not bound.</summary>
    /// <param name="network">What the guest may reach.</param>
    /// <param name="data">The content.</param>
    /// <param name="remote">Where to; null: the peer that the socket is limited to.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="OperationCanceledException">The guest gave the call up, or its work was aborted.</exception>
    public async ValueTask<Result<Unit, NetworkError>> SendAsync(NetworkGrant network, ReadOnlyMemory<byte> data, IPEndPoint? remote, CancellationToken cancellationToken)
    {
        if (Remote is null && remote is not null && CheckPeer(network, remote) is { } notAllowed)
            return notAllowed;
        if (Remote is null && remote is null)
            return NetworkError.InvalidArgument;
        if (!EnsureBound(network).TryGet(out _, out var notBound))
            return notBound;
        if (!GetTarget(remote).TryGet(out var target, out var refused))
            return refused;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Aborted);
            if (target is null)
                await _socket.SendAsync(data, SocketFlags.None, either.Token).ConfigureAwait(false);
            else
                await _socket.SendToAsync(data, SocketFlags.None, target, either.Token).ConfigureAwait(false);
            return Result.Ok();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return NetworkErrors.From(exception);
        }
    }

    /// <summary>Waits for a datagram. Those from peers that the guest may not talk to are dropped unseen; waiting holds no buffer.</summary>
    /// <exception cref="OperationCanceledException">The guest gave the call up, or its work was aborted.</exception>
    public async ValueTask<Result<IncomingDatagram, NetworkError>> ReceiveAsync(CancellationToken cancellationToken)
    {
        if (!IsBound || _bindUnfinished)
            return NetworkError.InvalidState;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _context.Aborted);
        var peek = new byte[1]; // waiting with no buffer at all would take the datagram
        try
        {
            for (var tries = 1; ; tries++)
            {
                await _socket.ReceiveAsync(peek, SocketFlags.Peek, either.Token).ConfigureAwait(false);
                if (TryReceive() is { } datagram)
                    return datagram;
                if (tries % MaxTries == 0)
                    await Task.Yield();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return NetworkErrors.From(exception);
        }
    }

    /// <summary>Where a datagram goes that was given this address.</summary>
    /// <returns>Null: to the peer that the socket is limited to.</returns>
    internal Result<IPEndPoint?, NetworkError> GetTarget(IPEndPoint? remote)
    {
        if (Remote is { } peer)
            return remote is null || remote.Equals(peer) ? (IPEndPoint?)null : NetworkError.InvalidArgument;
        if (remote is null)
            return NetworkError.InvalidArgument;
        return CheckPeer(_network, remote) is { } refused ? refused : remote;
    }

    /// <summary>Whether the guest sees datagrams of <paramref name="peer"/>.</summary>
    internal bool Welcomes(IPEndPoint peer) => Remote is { } remote ? peer.Equals(remote) : _open || _network?.Allows(NetworkUse.Udp, peer) == true;

    private NetworkError? CheckPeer(NetworkGrant? network, IPEndPoint remote)
    {
        if (!Addresses.IsRemote(remote, Family))
            return NetworkError.InvalidArgument;
        return network?.Allows(NetworkUse.Udp, remote) == true ? null : NetworkError.AccessDenied;
    }

    private Result<Unit, NetworkError> EnsureBound(NetworkGrant network) => IsBound ? Result.Ok() : Bind(network, Addresses.Unspecified(Family));

    private Result<Unit, NetworkError> Associate(IPEndPoint? remote)
    {
        if (remote is not null && CheckPeer(_network, remote) is { } refused)
            return refused;
        var result = SocketOptions.Try(() =>
        {
            if (Remote is not null)
                UdpAssociation.End(_socket);
            Remote = null;
            if (remote is not null)
                _socket.Connect(remote);
        });
        if (result.IsOk)
            Remote = remote;
        return result;
    }

    /// <returns>Null when there is none any more, or it was not welcome.</returns>
    private IncomingDatagram? TryReceive()
    {
        if (!_socket.Poll(TimeSpan.Zero, SelectMode.SelectRead))
            return null; // another call took it
        var buffer = ArrayPool<byte>.Shared.Rent(MaxDatagram);
        try
        {
            EndPoint from = Addresses.Unspecified(Family);
            var length = _socket.ReceiveFrom(buffer.AsSpan(0, MaxDatagram), SocketFlags.None, ref from);
            var peer = (IPEndPoint)from;
            return Welcomes(peer) ? new IncomingDatagram(buffer.AsSpan(0, length).ToArray(), peer) : null;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.WouldBlock or SocketError.IOPending)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
