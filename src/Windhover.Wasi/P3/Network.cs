using System.Net;
using System.Net.Sockets;
using Windhover.Wasi.Bindings.P3.Wasi.Sockets.IpNameLookup;
using Windhover.Wasi.Bindings.P3.Wasi.Sockets.Types;
using Windhover.Wasi.Io;
using Windhover.Wasi.Sockets;
using ErrorCode = Windhover.Wasi.Bindings.P3.Wasi.Sockets.Types.ErrorCode;
using LookupError = Windhover.Wasi.Bindings.P3.Wasi.Sockets.IpNameLookup.ErrorCode;
using SocketTypes = Windhover.Wasi.Bindings.P3.Wasi.Sockets.Types.ITypes;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:sockets</c>, outside of its resources.</summary>
internal sealed partial class P3Host : SocketTypes, IIpNameLookup
{
    Result<ITcpSocket, ErrorCode> SocketTypes.TcpSocketCreate(IpAddressFamily addressFamily) =>
        TcpSocket.Create(context, addressFamily.FromWit()).ToWit(static ITcpSocket (socket) => socket);

    Result<IUdpSocket, ErrorCode> SocketTypes.UdpSocketCreate(IpAddressFamily addressFamily) =>
        UdpSocket.Create(context, addressFamily.FromWit()).ToWit(static IUdpSocket (socket) => socket);

    async ValueTask<Result<IReadOnlyList<IpAddress>, LookupError>> IIpNameLookup.ResolveAddressesAsync(string name, CancellationToken cancellationToken)
    {
        var network = context.Network;
        if (!NameLookup.Parse(network, name).TryGet(out var target, out var refused))
            return refused.ToLookupError();
        if (target.Address is { } address)
            return new[] { address.ToWit() };
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, context.Aborted);
            var addresses = await NameLookup.ResolveAsync(network, target.Name!, either.Token).ConfigureAwait(false);
            return Array.ConvertAll(addresses, NetworkWords.ToWit);
        }
        catch (Exception exception) when (exception is not OperationCanceledException && NameLookup.IsFailure(exception))
        {
            return NameLookup.ErrorOf(exception).ToLookupError();
        }
    }
}

/// <summary>The services' words in those of <c>wasi:sockets</c>.</summary>
internal static class NetworkWords
{
    public static ErrorCode ToWit(this NetworkError error) => error switch
    {
        NetworkError.AccessDenied => ErrorCode.AccessDenied.Instance,
        NetworkError.NotSupported => ErrorCode.NotSupported.Instance,
        NetworkError.InvalidArgument => ErrorCode.InvalidArgument.Instance,
        NetworkError.OutOfMemory => ErrorCode.OutOfMemory.Instance,
        NetworkError.Timeout => ErrorCode.Timeout.Instance,
        NetworkError.ConcurrencyConflict or NetworkError.NotInProgress or NetworkError.InvalidState => ErrorCode.InvalidState.Instance,
        NetworkError.AddressNotBindable => ErrorCode.AddressNotBindable.Instance,
        NetworkError.AddressInUse => ErrorCode.AddressInUse.Instance,
        NetworkError.RemoteUnreachable => ErrorCode.RemoteUnreachable.Instance,
        NetworkError.ConnectionRefused => ErrorCode.ConnectionRefused.Instance,
        NetworkError.ConnectionReset => ErrorCode.ConnectionReset.Instance,
        NetworkError.ConnectionAborted => ErrorCode.ConnectionAborted.Instance,
        NetworkError.DatagramTooLarge => ErrorCode.DatagramTooLarge.Instance,
        NetworkError.NewSocketLimit => new ErrorCode.Other("new-socket-limit"), // of 0.2: its name says what to do about it
        _ => new ErrorCode.Other(null),
    };

    public static LookupError ToLookupError(this NetworkError error) => error switch
    {
        NetworkError.AccessDenied => LookupError.AccessDenied.Instance,
        NetworkError.InvalidArgument => LookupError.InvalidArgument.Instance,
        NetworkError.NameUnresolvable => LookupError.NameUnresolvable.Instance,
        NetworkError.TemporaryResolverFailure => LookupError.TemporaryResolverFailure.Instance,
        NetworkError.PermanentResolverFailure => LookupError.PermanentResolverFailure.Instance,
        _ => new LookupError.Other(null),
    };

    /// <summary>The outcome of receiving: of a failure, or of null at the end.</summary>
    public static Result<Unit, ErrorCode> ToOutcome(IoError? failure) => failure is null ? Result.Ok() : (failure.Code as NetworkError? ?? NetworkError.Unknown).ToWit();

    /// <summary>The outcome of sending: of a failure, or of null when all was sent. On a connection, "not in this state" (EPIPE) is a peer that reads no more.</summary>
    public static Result<Unit, ErrorCode> ToSendOutcome(IoError? failure) =>
        failure is { Code: null or NetworkError.InvalidState } ? ErrorCode.ConnectionBroken.Instance : ToOutcome(failure);

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
