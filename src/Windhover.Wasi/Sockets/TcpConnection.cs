using System.Net.Sockets;
using Windhover.Engine;

namespace Windhover.Wasi.Sockets;

/// <summary>A connected socket, which closes when its last user (the socket resource and the two streams) is gone.</summary>
internal sealed class TcpConnection
{
    private readonly WasiUsage _usage;
    private int _users = 1;

    public TcpConnection(Socket socket, WasiUsage usage)
    {
        _usage = usage;
        Socket = socket;
        socket.Blocking = false;
        socket.NoDelay = true;
    }

    public Socket Socket { get; }

    /// <summary>Who pays for it.</summary>
    public WasiUsage Usage => _usage;

    public TcpInputStream? Input { get; set; }

    public TcpOutputStream? Output { get; set; }

    public void AddUser() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        Socket.Dispose();
        _usage.Closed(BudgetKind.Connections);
    }
}
