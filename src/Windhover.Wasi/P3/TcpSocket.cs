using Windhover.Components.Async;
using Windhover.Wasi.Bindings.P3.Wasi.Sockets.Types;
using Windhover.Wasi.P3;

namespace Windhover.Wasi.Sockets;

/// <summary><c>wasi:sockets/types.tcp-socket</c>, in the words of WASI 0.3.</summary>
internal sealed partial class TcpSocket : ITcpSocket
{
    Result<Unit, ErrorCode> ITcpSocket.Bind(IpSocketAddress localAddress) => Bind(_context.Network, localAddress.FromWit()).ToWit();

    async ValueTask<Result<Unit, ErrorCode>> ITcpSocket.ConnectAsync(IpSocketAddress remoteAddress, CancellationToken cancellationToken) =>
        (await ConnectAsync(_context.Network, remoteAddress.FromWit(), cancellationToken).ConfigureAwait(false)).ToWit();

    Result<HostStream<ITcpSocket>, ErrorCode> ITcpSocket.Listen() => Listen(_context.Network).ToWit(HostStream.From<ITcpSocket>);

    HostFuture<Result<Unit, ErrorCode>> ITcpSocket.Send(GuestStreamReader data)
    {
        if (Send().TryGet(out var output, out var error))
        {
            return StreamPump.Write(data, output, _context, failure =>
            {
                output.Shutdown(); // the stream's end is the connection's, in this direction
                return NetworkWords.ToSendOutcome(failure);
            });
        }
        data.Dispose();
        return HostFutures.FromResult(Result<Unit, ErrorCode>.Err(error.ToWit()));
    }

    (HostStream, HostFuture<Result<Unit, ErrorCode>>) ITcpSocket.Receive()
    {
        if (!Receive().TryGet(out var input, out var error))
            return (HostStream.Empty, HostFutures.FromResult(Result<Unit, ErrorCode>.Err(error.ToWit())));
        return StreamPump.Read(
            input,
            failure =>
            {
                EndReceive();
                return NetworkWords.ToOutcome(failure);
            },
            _context.Aborted);
    }

    Result<IpSocketAddress, ErrorCode> ITcpSocket.GetLocalAddress() => LocalAddress().ToWit(NetworkWords.ToWit);

    Result<IpSocketAddress, ErrorCode> ITcpSocket.GetRemoteAddress() => RemoteAddress().ToWit(NetworkWords.ToWit);

    bool ITcpSocket.GetIsListening() => IsListening;

    IpAddressFamily ITcpSocket.GetAddressFamily() => Family.ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetListenBacklogSize(ulong value) => SetListenBacklogSize(value).ToWit();

    Result<bool, ErrorCode> ITcpSocket.GetKeepAliveEnabled() => GetKeepAliveEnabled().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveEnabled(bool value) => SetKeepAliveEnabled(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.GetKeepAliveIdleTime() => GetKeepAliveIdleTime().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveIdleTime(ulong value) => SetKeepAliveIdleTime(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.GetKeepAliveInterval() => GetKeepAliveInterval().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveInterval(ulong value) => SetKeepAliveInterval(value).ToWit();

    Result<uint, ErrorCode> ITcpSocket.GetKeepAliveCount() => GetKeepAliveCount().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetKeepAliveCount(uint value) => SetKeepAliveCount(value).ToWit();

    Result<byte, ErrorCode> ITcpSocket.GetHopLimit() => GetHopLimit().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetHopLimit(byte value) => SetHopLimit(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.GetReceiveBufferSize() => GetReceiveBufferSize().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetReceiveBufferSize(ulong value) => SetReceiveBufferSize(value).ToWit();

    Result<ulong, ErrorCode> ITcpSocket.GetSendBufferSize() => GetSendBufferSize().ToWit();

    Result<Unit, ErrorCode> ITcpSocket.SetSendBufferSize(ulong value) => SetSendBufferSize(value).ToWit();
}
