using Windhover.Wasi.Bindings.P3.Wasi.Sockets.Types;
using Windhover.Wasi.P3;

namespace Windhover.Wasi.Sockets;

/// <summary><c>wasi:sockets/types.udp-socket</c>, in the words of WASI 0.3.</summary>
internal sealed partial class UdpSocket : IUdpSocket
{
    Result<Unit, ErrorCode> IUdpSocket.Bind(IpSocketAddress localAddress) => Bind(_context.Network, localAddress.FromWit()).ToWit();

    Result<Unit, ErrorCode> IUdpSocket.Connect(IpSocketAddress remoteAddress) => Connect(_context.Network, remoteAddress.FromWit()).ToWit();

    Result<Unit, ErrorCode> IUdpSocket.Disconnect() => Disconnect().ToWit();

    async ValueTask<Result<Unit, ErrorCode>> IUdpSocket.SendAsync(byte[] data, IpSocketAddress? remoteAddress, CancellationToken cancellationToken) =>
        (await SendAsync(_context.Network, data, remoteAddress?.FromWit(), cancellationToken).ConfigureAwait(false)).ToWit();

    async ValueTask<Result<(ReadOnlyMemory<byte>, IpSocketAddress), ErrorCode>> IUdpSocket.ReceiveAsync(CancellationToken cancellationToken) =>
        (await ReceiveAsync(cancellationToken).ConfigureAwait(false)).ToWit(static datagram => (datagram.Data, datagram.RemoteAddress.ToWit()));

    Result<IpSocketAddress, ErrorCode> IUdpSocket.GetLocalAddress() => LocalAddress().ToWit(NetworkWords.ToWit);

    Result<IpSocketAddress, ErrorCode> IUdpSocket.GetRemoteAddress() => RemoteAddress().ToWit(NetworkWords.ToWit);

    IpAddressFamily IUdpSocket.GetAddressFamily() => Family.ToWit();

    Result<byte, ErrorCode> IUdpSocket.GetUnicastHopLimit() => GetUnicastHopLimit().ToWit();

    Result<Unit, ErrorCode> IUdpSocket.SetUnicastHopLimit(byte value) => SetUnicastHopLimit(value).ToWit();

    Result<ulong, ErrorCode> IUdpSocket.GetReceiveBufferSize() => GetReceiveBufferSize().ToWit();

    Result<Unit, ErrorCode> IUdpSocket.SetReceiveBufferSize(ulong value) => SetReceiveBufferSize(value).ToWit();

    Result<ulong, ErrorCode> IUdpSocket.GetSendBufferSize() => GetSendBufferSize().ToWit();

    Result<Unit, ErrorCode> IUdpSocket.SetSendBufferSize(ulong value) => SetSendBufferSize(value).ToWit();
}
