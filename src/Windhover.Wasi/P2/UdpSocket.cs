using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Bindings.Wasi.Sockets.Network;
using Windhover.Wasi.Bindings.Wasi.Sockets.Udp;
using Windhover.Wasi.P2;
using WitIncoming = Windhover.Wasi.Bindings.Wasi.Sockets.Udp.IncomingDatagram;
using WitOutgoing = Windhover.Wasi.Bindings.Wasi.Sockets.Udp.OutgoingDatagram;

namespace Windhover.Wasi.Sockets;

/// <summary><c>wasi:sockets/udp.udp-socket</c>, in the words of WASI 0.2.</summary>
internal sealed partial class UdpSocket : IUdpSocket
{
    Result<Unit, ErrorCode> IUdpSocket.StartBind(INetwork network, IpSocketAddress localAddress) => StartBind((NetworkGrant)network, localAddress.FromWit()).ToWit();

    Result<Unit, ErrorCode> IUdpSocket.FinishBind() => FinishBind().ToWit();

    Result<(IIncomingDatagramStream, IOutgoingDatagramStream), ErrorCode> IUdpSocket.Stream(IpSocketAddress? remoteAddress) =>
        Stream(remoteAddress?.FromWit()).ToWit(static streams => ((IIncomingDatagramStream)streams.Incoming, (IOutgoingDatagramStream)streams.Outgoing));

    Result<IpSocketAddress, ErrorCode> IUdpSocket.LocalAddress() => LocalAddress().ToWit(NetworkWords.ToWit);

    Result<IpSocketAddress, ErrorCode> IUdpSocket.RemoteAddress() => RemoteAddress().ToWit(NetworkWords.ToWit);

    IpAddressFamily IUdpSocket.AddressFamily() => Family.ToWit();

    Result<byte, ErrorCode> IUdpSocket.UnicastHopLimit() => GetUnicastHopLimit().ToWit();

    Result<Unit, ErrorCode> IUdpSocket.SetUnicastHopLimit(byte value) => SetUnicastHopLimit(value).ToWit();

    Result<ulong, ErrorCode> IUdpSocket.ReceiveBufferSize() => GetReceiveBufferSize().ToWit();

    Result<Unit, ErrorCode> IUdpSocket.SetReceiveBufferSize(ulong value) => SetReceiveBufferSize(value).ToWit();

    Result<ulong, ErrorCode> IUdpSocket.SendBufferSize() => GetSendBufferSize().ToWit();

    Result<Unit, ErrorCode> IUdpSocket.SetSendBufferSize(ulong value) => SetSendBufferSize(value).ToWit();

    IPollable IUdpSocket.Subscribe() => Subscribe();
}

/// <summary><c>wasi:sockets/udp.incoming-datagram-stream</c>, in the words of WASI 0.2.</summary>
internal sealed partial class IncomingDatagramStream : IIncomingDatagramStream
{
    Result<IReadOnlyList<WitIncoming>, ErrorCode> IIncomingDatagramStream.Receive(ulong maxResults) =>
        Receive(maxResults).ToWit(static IReadOnlyList<WitIncoming> (datagrams) => [.. datagrams.Select(datagram => new WitIncoming(datagram.Data, datagram.RemoteAddress.ToWit()))]);

    IPollable IIncomingDatagramStream.Subscribe() => Subscribe();
}

/// <summary><c>wasi:sockets/udp.outgoing-datagram-stream</c>, in the words of WASI 0.2.</summary>
internal sealed partial class OutgoingDatagramStream : IOutgoingDatagramStream
{
    Result<ulong, ErrorCode> IOutgoingDatagramStream.CheckSend() => CheckSend().ToWit();

    Result<ulong, ErrorCode> IOutgoingDatagramStream.Send(WitOutgoing[] datagrams) =>
        Send(Array.ConvertAll(datagrams, static datagram => new OutgoingDatagram(datagram.Data, datagram.RemoteAddress?.FromWit()))).ToWit();

    IPollable IOutgoingDatagramStream.Subscribe() => Subscribe();
}
