using System.Net;
using System.Net.Sockets;
using Windhover.Wasi.Bindings.Wasi.Io.Error;
using Windhover.Wasi.Bindings.Wasi.Io.Poll;
using Windhover.Wasi.Bindings.Wasi.Sockets.InstanceNetwork;
using Windhover.Wasi.Bindings.Wasi.Sockets.IpNameLookup;
using Windhover.Wasi.Bindings.Wasi.Sockets.Network;
using Windhover.Wasi.Bindings.Wasi.Sockets.Tcp;
using Windhover.Wasi.Bindings.Wasi.Sockets.TcpCreateSocket;
using Windhover.Wasi.Bindings.Wasi.Sockets.Udp;
using Windhover.Wasi.Bindings.Wasi.Sockets.UdpCreateSocket;
using Windhover.Wasi.Io;
using Windhover.Wasi.P2;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.P2
{
    /// <summary><c>wasi:sockets</c>, outside of its resources.</summary>
    internal sealed partial class P2Host : IInstanceNetwork, INetworkFunctions, ITcpCreateSocket, IUdpCreateSocket, IIpNameLookup
    {
        INetwork IInstanceNetwork.InstanceNetwork() => context.Network;

        ErrorCode? INetworkFunctions.NetworkErrorCode(IError err) => (err as IoError)?.Code is NetworkError error ? error.ToWit() : null;

        Result<ITcpSocket, ErrorCode> ITcpCreateSocket.CreateTcpSocket(IpAddressFamily addressFamily) =>
            TcpSocket.Create(context, addressFamily.FromWit()).ToWit(static ITcpSocket (socket) => socket);

        Result<IUdpSocket, ErrorCode> IUdpCreateSocket.CreateUdpSocket(IpAddressFamily addressFamily) =>
            UdpSocket.Create(context, addressFamily.FromWit()).ToWit(static IUdpSocket (socket) => socket);

        Result<IResolveAddressStream, ErrorCode> IIpNameLookup.ResolveAddresses(INetwork network, string name) =>
            ResolveAddressStream.Start(context, (NetworkGrant)network, name).ToWit(static IResolveAddressStream (stream) => stream);
    }

    /// <summary>The services' words in those of <c>wasi:sockets/network</c>. The enumerations have the same order.</summary>
    internal static class NetworkWords
    {
        public static ErrorCode ToWit(this NetworkError error) => (ErrorCode)error;

        public static Result<T, ErrorCode> ToWit<T>(this Result<T, NetworkError> result) =>
            result.TryGet(out var value, out var error) ? Result<T, ErrorCode>.Ok(value) : Result<T, ErrorCode>.Err(error.ToWit());

        public static Result<TTo, ErrorCode> ToWit<T, TTo>(this Result<T, NetworkError> result, Func<T, TTo> map) =>
            result.TryGet(out var value, out var error) ? Result<TTo, ErrorCode>.Ok(map(value)) : Result<TTo, ErrorCode>.Err(error.ToWit());

        public static AddressFamily FromWit(this IpAddressFamily family) => family == IpAddressFamily.Ipv4 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;

        public static IpAddressFamily ToWit(this AddressFamily family) => family == AddressFamily.InterNetwork ? IpAddressFamily.Ipv4 : IpAddressFamily.Ipv6;

        public static IPEndPoint FromWit(this IpSocketAddress address) => address switch
        {
            IpSocketAddress.Ipv4 { Value: var (port, (a, b, c, d)) } => new IPEndPoint(new IPAddress([a, b, c, d]), port),
            IpSocketAddress.Ipv6 { Value: var (port, _, (a, b, c, d, e, f, g, h), scope) } => new IPEndPoint(Addresses.FromGroups([a, b, c, d, e, f, g, h], scope), port),
            _ => throw new InvalidOperationException("An address is neither of IPv4 nor of IPv6."),
        };

        public static IpSocketAddress ToWit(this IPEndPoint address)
        {
            var port = (ushort)address.Port;
            return address.Address.ToWit() switch
            {
                IpAddress.Ipv4 four => new IpSocketAddress.Ipv4(new Ipv4SocketAddress(port, four.Value)),
                IpAddress.Ipv6 six => new IpSocketAddress.Ipv6(new Ipv6SocketAddress(port, 0, six.Value, (uint)address.Address.ScopeId)),
                var other => throw new InvalidOperationException($"{other} is neither of IPv4 nor of IPv6."),
            };
        }

        public static IpAddress ToWit(this IPAddress address)
        {
            if (address.AddressFamily == AddressFamily.InterNetwork)
            {
                var bytes = address.GetAddressBytes();
                return new IpAddress.Ipv4((bytes[0], bytes[1], bytes[2], bytes[3]));
            }
            Span<ushort> groups = stackalloc ushort[8];
            Addresses.ToGroups(address, groups);
            return new IpAddress.Ipv6((groups[0], groups[1], groups[2], groups[3], groups[4], groups[5], groups[6], groups[7]));
        }
    }
}

namespace Windhover.Wasi.Sockets
{
    /// <summary><c>wasi:sockets/network.network</c>: the grant itself is the handle.</summary>
    internal sealed partial class NetworkGrant : INetwork
    {
        /// <summary>The guest drops a handle; the grant lasts as long as the guest.</summary>
        public void Dispose()
        {
        }
    }

    /// <summary><c>wasi:sockets/ip-name-lookup.resolve-address-stream</c>, in the words of WASI 0.2.</summary>
    internal sealed partial class ResolveAddressStream : IResolveAddressStream
    {
        Result<IpAddress?, ErrorCode> IResolveAddressStream.ResolveNextAddress() => ResolveNextAddress().ToWit(static address => address?.ToWit());

        IPollable IResolveAddressStream.Subscribe() => Subscribe();
    }
}
