using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Windhover.Wasi.Sockets;

// Ending the association of a UDP socket with a peer. Two obstacles on Linux:
//
//   .NET's Socket.Disconnect does it, but the socket then refuses every later Connect (InvalidOperationException), which WASI allows.
//   connect(2) with AF_UNSPEC does it, but a port of the system's choice is given back, and the socket hears nothing any more. So it is bound to that port again.

/// <summary>Ends the association of a UDP socket with a peer, so that it can get another one.</summary>
internal static unsafe partial class UdpAssociation
{
    // sizeof(struct sockaddr_in6) and, at its begin, AF_UNSPEC.
    private const int MaxAddress = 28;

    /// <exception cref="SocketException">The system refused.</exception>
    public static void End(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
        {
            socket.Disconnect(reuseSocket: true);
            return;
        }

        var before = GetLocalAddress(socket);
        var none = stackalloc byte[MaxAddress];
        new Span<byte>(none, MaxAddress).Clear();
        if (Connect(socket.SafeHandle, none, MaxAddress) != 0)
            throw new SocketException(Marshal.GetLastPInvokeError());
        var after = GetLocalAddress(socket);
        if (after.Port == 0)
            socket.Bind(new IPEndPoint(after.Address, before.Port));
    }

    /// <summary>The address as the system has it now; .NET remembers an earlier one.</summary>
    /// <exception cref="SocketException">The system refused.</exception>
    public static IPEndPoint GetLocalAddress(Socket socket)
    {
        if (!OperatingSystem.IsLinux())
            return (IPEndPoint)socket.LocalEndPoint!;
        var address = new SocketAddress(socket.AddressFamily);
        var size = address.Size;
        fixed (byte* bytes = address.Buffer.Span)
        {
            if (GetSocketName(socket.SafeHandle, bytes, &size) != 0)
                throw new SocketException(Marshal.GetLastPInvokeError());
        }
        return (IPEndPoint)new IPEndPoint(IPAddress.Any, 0).Create(address);
    }

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    private static partial int Connect(SafeSocketHandle socket, byte* address, int size);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    private static partial int GetSocketName(SafeSocketHandle socket, byte* address, int* size);
}
