using System.Net.Sockets;
using Windhover.Engine;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi;

/// <summary>The network as the guest may see it.</summary>
public sealed partial class WasiContext
{
    private NetworkGrant? _network;

    /// <summary>The one network of the guest (<c>wasi:sockets/instance-network</c>); what it reaches is the policy's matter.</summary>
    internal NetworkGrant Network => _network ??= new NetworkGrant(Options.Network);

    /// <summary>Makes a socket and counts it; whoever closes it must count it off.</summary>
    internal Result<Socket, NetworkError> CreateSocket(AddressFamily family, SocketType type, ProtocolType protocol)
    {
        if (!Usage.TryOpen(BudgetKind.Connections))
            return NetworkError.NewSocketLimit;
        try
        {
            var socket = new Socket(family, type, protocol);
            if (family == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            return socket;
        }
        catch (SocketException exception)
        {
            Usage.Closed(BudgetKind.Connections);
            return NetworkErrors.From(exception);
        }
    }
}
