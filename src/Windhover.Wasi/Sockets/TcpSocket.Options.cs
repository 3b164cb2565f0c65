using System.Net;
using System.Net.Sockets;

namespace Windhover.Wasi.Sockets;

/// <summary>Addresses and options of a TCP socket.</summary>
internal sealed partial class TcpSocket
{
    private const ulong NanosecondsPerSecond = 1_000_000_000;

    // The largest values that Linux takes: seconds, and probes.
    private const int MaxKeepAliveSeconds = 32767;
    private const int MaxKeepAliveCount = 127;

    /// <summary>The address the socket is bound to.</summary>
    public Result<IPEndPoint, NetworkError> LocalAddress()
    {
        if (_unfinished == Operation.Bind || _state is State.Unbound or State.Closed)
            return NetworkError.InvalidState;
        return SocketOptions.Try(() => Socket.LocalEndPoint is IPEndPoint local ? local : throw new SocketException((int)SocketError.NotConnected));
    }

    /// <summary>The address the socket is connected to.</summary>
    public Result<IPEndPoint, NetworkError> RemoteAddress()
    {
        if (_state != State.Connected)
            return NetworkError.InvalidState;
        return SocketOptions.Try(() => Socket.RemoteEndPoint is IPEndPoint remote ? remote : throw new SocketException((int)SocketError.NotConnected));
    }

    /// <summary>Whether connections can be accepted.</summary>
    public bool IsListening => _state == State.Listening && _unfinished == Operation.None;

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => _family;

    /// <summary>How many connections wait to be accepted, at most. A hint.</summary>
    public Result<Unit, NetworkError> SetListenBacklogSize(ulong value)
    {
        if (value == 0)
            return NetworkError.InvalidArgument;
        if (_state is State.Connecting or State.Connected or State.Closed)
            return NetworkError.InvalidState;
        _backlog = (int)Math.Min(value, 4096);
        return _state == State.Listening ? SocketOptions.Try(() => Socket.Listen(_backlog)) : Result.Ok();
    }

    public Result<bool, NetworkError> GetKeepAliveEnabled() =>
        SocketOptions.Try(() => (int)Socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive)! != 0);

    public Result<Unit, NetworkError> SetKeepAliveEnabled(bool value) =>
        SocketOptions.Try(() => Socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, value));

    /// <summary>In nanoseconds; the system counts whole seconds, so it may be rounded up.</summary>
    public Result<ulong, NetworkError> GetKeepAliveIdleTime() => GetSeconds(SocketOptionName.TcpKeepAliveTime);

    public Result<Unit, NetworkError> SetKeepAliveIdleTime(ulong nanoseconds) => SetSeconds(SocketOptionName.TcpKeepAliveTime, nanoseconds);

    /// <summary>In nanoseconds; the system counts whole seconds, so it may be rounded up.</summary>
    public Result<ulong, NetworkError> GetKeepAliveInterval() => GetSeconds(SocketOptionName.TcpKeepAliveInterval);

    public Result<Unit, NetworkError> SetKeepAliveInterval(ulong nanoseconds) => SetSeconds(SocketOptionName.TcpKeepAliveInterval, nanoseconds);

    public Result<uint, NetworkError> GetKeepAliveCount() =>
        SocketOptions.Try(() => (uint)(int)Socket.GetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount)!);

    public Result<Unit, NetworkError> SetKeepAliveCount(uint value)
    {
        if (value == 0)
            return NetworkError.InvalidArgument;
        var count = (int)Math.Min(value, MaxKeepAliveCount);
        return SocketOptions.Try(() => Socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, count));
    }

    public Result<byte, NetworkError> GetHopLimit() => SocketOptions.GetHopLimit(Socket);

    public Result<Unit, NetworkError> SetHopLimit(byte value) => SocketOptions.SetHopLimit(Socket, value);

    public Result<ulong, NetworkError> GetReceiveBufferSize() => SocketOptions.GetBufferSize(Socket, receive: true);

    public Result<Unit, NetworkError> SetReceiveBufferSize(ulong value) => SocketOptions.SetBufferSize(Socket, receive: true, value);

    public Result<ulong, NetworkError> GetSendBufferSize() => SocketOptions.GetBufferSize(Socket, receive: false);

    public Result<Unit, NetworkError> SetSendBufferSize(ulong value) => SocketOptions.SetBufferSize(Socket, receive: false, value);

    private Result<ulong, NetworkError> GetSeconds(SocketOptionName option) =>
        SocketOptions.Try(() => (ulong)(int)Socket.GetSocketOption(SocketOptionLevel.Tcp, option)! * NanosecondsPerSecond);

    private Result<Unit, NetworkError> SetSeconds(SocketOptionName option, ulong nanoseconds)
    {
        if (nanoseconds == 0)
            return NetworkError.InvalidArgument;
        var seconds = nanoseconds / NanosecondsPerSecond + (nanoseconds % NanosecondsPerSecond == 0 ? 0UL : 1UL);
        var bounded = (int)Math.Min(seconds, MaxKeepAliveSeconds);
        return SocketOptions.Try(() => Socket.SetSocketOption(SocketOptionLevel.Tcp, option, bounded));
    }
}
