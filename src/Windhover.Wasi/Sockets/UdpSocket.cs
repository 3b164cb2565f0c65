using System.Net;
using System.Net.Sockets;
using Windhover.Engine;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Sockets;

/// <summary>A UDP socket: <c>wasi:sockets/udp.udp-socket</c>.</summary>
internal sealed partial class UdpSocket : ReadinessSource, IDisposable
{
    private readonly WasiContext _context;
    private readonly Socket _socket;
    private NetworkGrant? _network;
    private bool _bindUnfinished;
    private bool _open; // datagrams from anyone are welcome, because the policy names the local address
    private bool _disposed;
    private int _users = 1;

    private UdpSocket(WasiContext context, Socket socket)
    {
        _context = context;
        _socket = socket;
        _socket.Blocking = false;
    }

    /// <summary>A new socket, which can reach nothing yet.</summary>
    public static Result<UdpSocket, NetworkError> Create(WasiContext context, AddressFamily family)
    {
        var socket = context.CreateSocket(family, SocketType.Dgram, ProtocolType.Udp);
        return socket.IsOk ? new UdpSocket(context, socket.Value) : socket.Error;
    }

    /// <summary>No operation of the socket itself waits for anything.</summary>
    public override bool IsReady => true;

    internal Socket Socket => _socket;

    private bool IsBound => _network is not null;

    /// <summary>The peer that the socket, or the latest pair of streams, is limited to.</summary>
    internal IPEndPoint? Remote { get; private set; }

    /// <summary>Counts the pairs of streams made so far; only the latest works.</summary>
    internal int Generation { get; private set; }

    /// <summary>Binds to a local address. A port of the system's choice may be had by whoever may send datagrams at all.</summary>
    public Result<Unit, NetworkError> StartBind(NetworkGrant network, IPEndPoint local)
    {
        if (_bindUnfinished)
            return NetworkError.ConcurrencyConflict;
        var result = Bind(network, local);
        if (result.IsOk)
            _bindUnfinished = true;
        return result;
    }

    /// <summary>As <see cref="StartBind"/>, in one step.</summary>
    public Result<Unit, NetworkError> Bind(NetworkGrant network, IPEndPoint local)
    {
        if (IsBound)
            return NetworkError.InvalidState;
        if (!Addresses.IsBindable(local, Family))
            return NetworkError.InvalidArgument;
        _open = network.Allows(NetworkUse.UdpListen, local);
        if (!_open && (local.Port != 0 || !network.AllowsSome(NetworkUse.Udp)))
            return NetworkError.AccessDenied;
        var result = SocketOptions.Try(() => _socket.Bind(local));
        if (!result.IsOk)
            return result;
        _network = network;
        return Result.Ok();
    }

    /// <summary>The other half of <see cref="StartBind"/>.</summary>
    public Result<Unit, NetworkError> FinishBind()
    {
        if (!_bindUnfinished)
            return NetworkError.NotInProgress;
        _bindUnfinished = false;
        return Result.Ok();
    }

    /// <summary>Makes the pair of streams, limited to one peer if <paramref name="remote"/> is given. An earlier pair stops working.</summary>
    public Result<(IncomingDatagramStream Incoming, OutgoingDatagramStream Outgoing), NetworkError> Stream(IPEndPoint? remote)
    {
        if (!IsBound || _bindUnfinished)
            return NetworkError.InvalidState;
        if (!Associate(remote).TryGet(out _, out var error))
            return error;
        Generation++;
        return (new IncomingDatagramStream(this, Generation, _context.Blocking), new OutgoingDatagramStream(this, Generation, _context.Blocking));
    }

    /// <summary>The address the socket is bound to.</summary>
    public Result<IPEndPoint, NetworkError> LocalAddress()
    {
        if (!IsBound || _bindUnfinished)
            return NetworkError.InvalidState;
        return SocketOptions.Try(() => UdpAssociation.GetLocalAddress(_socket));
    }

    /// <summary>The peer that the streams are limited to.</summary>
    public Result<IPEndPoint, NetworkError> RemoteAddress() => Remote is { } remote ? remote : NetworkError.InvalidState;

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => _socket.AddressFamily;

    public Result<byte, NetworkError> GetUnicastHopLimit() => SocketOptions.GetHopLimit(_socket);

    public Result<Unit, NetworkError> SetUnicastHopLimit(byte value) => SocketOptions.SetHopLimit(_socket, value);

    public Result<ulong, NetworkError> GetReceiveBufferSize() => SocketOptions.GetBufferSize(_socket, receive: true);

    public Result<Unit, NetworkError> SetReceiveBufferSize(ulong value) => SocketOptions.SetBufferSize(_socket, receive: true, value);

    public Result<ulong, NetworkError> GetSendBufferSize() => SocketOptions.GetBufferSize(_socket, receive: false);

    public Result<Unit, NetworkError> SetSendBufferSize(ulong value) => SocketOptions.SetBufferSize(_socket, receive: false, value);

    /// <summary>A pollable that is always ready.</summary>
    public Pollable Subscribe() => new(this, _context.Blocking);

    internal void AddUser() => Interlocked.Increment(ref _users);

    internal void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        _socket.Dispose();
        _context.Usage.Closed(BudgetKind.Connections);
    }

    /// <summary>The guest drops the socket; streams that it still has keep it open.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Release();
    }
}
