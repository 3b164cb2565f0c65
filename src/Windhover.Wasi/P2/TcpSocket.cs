using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Bindings.Wasi.Sockets.Network;
using Windhover.Wasi.Bindings.Wasi.Sockets.Tcp;
using Windhover.Wasi.P2;
using WitShutdownType = Windhover.Wasi.Bindings.Wasi.Sockets.Tcp.ShutdownType;

namespace Windhover.Wasi.Sockets;

/// <summary><c>wasi:sockets/tcp.tcp-socket</c>, in the words of WASI 0.2.</summary>
internal sealed partial class TcpSocket : ITcpSocket
{
    Result<Unit, ErrorCode> ITcpSocket.StartBind(INetwork network, IpSocketAddress localAddress) => StartBind((NetworkGrant)network, localAddress.FromWit()).ToWit();

    Result<Unit, ErrorCode> ITcpSocket.FinishBind() => FinishBind().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.StartConnect(INetwork network, IpSocketAddress remoteAddress) =>
        StartConnect((NetworkGrant)network, remoteAddress.FromWit()).ToWit();

    Result<(IInputStream, IOutputStream), ErrorCode> ITcpSocket.FinishConnect() =>
        FinishConnect().ToWit(static streams => ((IInputStream)streams.Input, (IOutputStream)streams.Output));

    Result<Unit, ErrorCode> ITcpSocket.StartListen() => StartListen().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.FinishListen() => FinishListen().ToWit();

    Result<(ITcpSocket, IInputStream, IOutputStream), ErrorCode> ITcpSocket.Accept() =>
        Accept().ToWit(static accepted => ((ITcpSocket)accepted.Socket, (IInputStream)accepted.Input, (IOutputStream)accepted.Output));

    Result<IpSocketAddress, ErrorCode> ITcpSocket.LocalAddress() => LocalAddress().ToWit(NetworkWords.ToWit);

    Result<IpSocketAddress, ErrorCode> ITcpSocket.RemoteAddress() => RemoteAddress().ToWit(NetworkWords.ToWit);

    bool ITcpSocket.IsListening() => IsListening;

    IpAddressFamily ITcpSocket.AddressFamily() => Family.ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetListenBacklogSize(ulong value) => SetListenBacklogSize(value).ToWit();

    Result<bool, ErrorCode> ITcpSocket.KeepAliveEnabled() => GetKeepAliveEnabled().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveEnabled(bool value) => SetKeepAliveEnabled(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.KeepAliveIdleTime() => GetKeepAliveIdleTime().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveIdleTime(ulong value) => SetKeepAliveIdleTime(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.KeepAliveInterval() => GetKeepAliveInterval().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveInterval(ulong value) => SetKeepAliveInterval(value).ToWit();

    Result<uint, ErrorCode> ITcpSocket.KeepAliveCount() => GetKeepAliveCount().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveCount(uint value) => SetKeepAliveCount(value).ToWit();

    Result<byte, ErrorCode> ITcpSocket.HopLimit() => GetHopLimit().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetHopLimit(byte value) => SetHopLimit(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.ReceiveBufferSize() => GetReceiveBufferSize().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetReceiveBufferSize(ulong value) => SetReceiveBufferSize(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.SendBufferSize() => GetSendBufferSize().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetSendBufferSize(ulong value) => SetSendBufferSize(value).ToWit();

    IPollable ITcpSocket.Subscribe() => Subscribe();

    Result<Unit, ErrorCode> ITcpSocket.Shutdown(WitShutdownType shutdownType) => Shutdown((ShutdownType)shutdownType).ToWit();
}
