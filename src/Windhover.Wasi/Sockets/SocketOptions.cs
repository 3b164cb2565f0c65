using System.Net.Sockets;

namespace Windhover.Wasi.Sockets;

/// <summary>The options that TCP and UDP sockets share. Zero is never valid; anything else is bounded to what the system takes.</summary>
internal static class SocketOptions
{
    // Linux reserves double what is asked for and reports the double; WASI wants the value that was set.
    private static readonly int s_bufferFactor = OperatingSystem.IsLinux() ? 2 : 1;

    public static Result<ulong, NetworkError> GetBufferSize(Socket socket, bool receive) => Try(() =>
        (ulong)(receive ? socket.ReceiveBufferSize : socket.SendBufferSize) / (ulong)s_bufferFactor);

    public static Result<Unit, NetworkError> SetBufferSize(Socket socket, bool receive, ulong value)
    {
        if (value == 0)
            return NetworkError.InvalidArgument;
        var bounded = (int)Math.Min(value, int.MaxValue / 2);
        return Try(() =>
        {
            if (receive)
                socket.ReceiveBufferSize = bounded;
            else
                socket.SendBufferSize = bounded;
        });
    }

    public static Result<byte, NetworkError> GetHopLimit(Socket socket) => Try(() => (byte)socket.Ttl);

    public static Result<Unit, NetworkError> SetHopLimit(Socket socket, byte value) =>
        value == 0 ? NetworkError.InvalidArgument : Try(() => { socket.Ttl = value; });

    public static Result<T, NetworkError> Try<T>(Func<T> get)
    {
        try
        {
            return get();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return NetworkErrors.From(exception);
        }
    }

    public static Result<Unit, NetworkError> Try(Action set)
    {
        try
        {
            set();
            return Result.Ok();
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return NetworkErrors.From(exception);
        }
    }
}
