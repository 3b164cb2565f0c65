using System.Net.Sockets;

namespace Windhover.Wasi.Sockets;

/// <summary><c>wasi:sockets/network.error-code</c>, in its order.</summary>
internal enum NetworkError
{
    Unknown,
    AccessDenied,
    NotSupported,
    InvalidArgument,
    OutOfMemory,
    Timeout,
    ConcurrencyConflict,
    NotInProgress,
    WouldBlock,
    InvalidState,
    NewSocketLimit,
    AddressNotBindable,
    AddressInUse,
    RemoteUnreachable,
    ConnectionRefused,
    ConnectionReset,
    ConnectionAborted,
    DatagramTooLarge,
    NameUnresolvable,
    TemporaryResolverFailure,
    PermanentResolverFailure,
}

internal static class NetworkErrors
{
    /// <summary>What an error of the operating system is called in WASI.</summary>
    public static NetworkError From(SocketError error) => error switch
    {
        SocketError.AccessDenied => NetworkError.AccessDenied,
        SocketError.OperationNotSupported or SocketError.ProtocolNotSupported or SocketError.SocketNotSupported
            or SocketError.ProtocolFamilyNotSupported or SocketError.ProtocolOption => NetworkError.NotSupported,
        SocketError.AddressFamilyNotSupported or SocketError.InvalidArgument or SocketError.Fault
            or SocketError.DestinationAddressRequired => NetworkError.InvalidArgument,
        SocketError.NoBufferSpaceAvailable => NetworkError.OutOfMemory,
        SocketError.TimedOut => NetworkError.Timeout,
        SocketError.AlreadyInProgress => NetworkError.ConcurrencyConflict,
        SocketError.WouldBlock or SocketError.IOPending or SocketError.InProgress => NetworkError.WouldBlock,
        SocketError.NotConnected or SocketError.IsConnected or SocketError.Shutdown => NetworkError.InvalidState,
        SocketError.TooManyOpenSockets => NetworkError.NewSocketLimit,
        SocketError.AddressNotAvailable => NetworkError.AddressNotBindable,
        SocketError.AddressAlreadyInUse => NetworkError.AddressInUse,
        SocketError.HostUnreachable or SocketError.HostDown or SocketError.NetworkUnreachable
            or SocketError.NetworkDown => NetworkError.RemoteUnreachable,
        SocketError.ConnectionRefused => NetworkError.ConnectionRefused,
        SocketError.ConnectionReset or SocketError.NetworkReset => NetworkError.ConnectionReset,
        SocketError.ConnectionAborted or SocketError.OperationAborted => NetworkError.ConnectionAborted,
        SocketError.MessageSize => NetworkError.DatagramTooLarge,
        SocketError.HostNotFound or SocketError.NoData => NetworkError.NameUnresolvable,
        SocketError.TryAgain => NetworkError.TemporaryResolverFailure,
        SocketError.NoRecovery => NetworkError.PermanentResolverFailure,
        _ => NetworkError.Unknown,
    };

    /// <summary>The error of an exception that a socket threw.</summary>
    public static NetworkError From(Exception exception) => exception switch
    {
        SocketException socket => From(socket.SocketErrorCode),
        ObjectDisposedException => NetworkError.InvalidState,
        OperationCanceledException => NetworkError.ConnectionAborted,
        _ => NetworkError.Unknown,
    };
}
