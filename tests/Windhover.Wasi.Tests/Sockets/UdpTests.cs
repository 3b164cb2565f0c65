using System.Net;
using System.Net.Sockets;
using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.Tests.Sockets;

public sealed class UdpTests
{
    private static readonly WasiOptions s_loopback = new() { Network = NetworkPolicy.Allow("any localhost:*") };

    [Theory, MemberData(nameof(TcpTests.Families), MemberType = typeof(TcpTests))]
    public void Datagrams_are_exchanged(AddressFamily family)
    {
        using var context = Guest.Context(s_loopback);
        using var server = Bind(context, family, out var serverAddress);
        using var client = Bind(context, family, out var clientAddress);
        var (serverIn, serverOut) = Guest.Ok(server.Stream(null));
        var (clientIn, clientOut) = Guest.Ok(client.Stream(serverAddress));
        Assert.Empty(Guest.Ok(serverIn.Receive(10)));
        Assert.Empty(Guest.Ok(serverIn.Receive(0)));

        Guest.Ok(clientOut.CheckSend());
        Assert.Equal(2UL, Guest.Ok(clientOut.Send([new("one"u8.ToArray(), null), new("two"u8.ToArray(), serverAddress)])));
        var received = new List<string>();
        while (received.Count < 2)
        {
            serverIn.Subscribe().Block();
            foreach (var datagram in Guest.Ok(serverIn.Receive(10)))
            {
                Assert.Equal(clientAddress, datagram.RemoteAddress);
                received.Add(Encoding.UTF8.GetString(datagram.Data.Span));
            }
        }
        Assert.Equal(["one", "two"], received);

        Guest.Ok(serverOut.CheckSend());
        Assert.Equal(1UL, Guest.Ok(serverOut.Send([new(ReadOnlyMemory<byte>.Empty, clientAddress)])));
        clientIn.Subscribe().Block();
        Assert.Equal(0, Assert.Single(Guest.Ok(clientIn.Receive(10))).Data.Length);

        Assert.Equal(serverAddress, Guest.Ok(client.RemoteAddress()));
        Guest.Fails(NetworkError.InvalidState, server.RemoteAddress());
        foreach (var used in new IDisposable[] { server, serverIn, serverOut, client, clientIn, clientOut })
        {
            used.Dispose();
            used.Dispose();
        }
        Assert.Equal(0, context.Usage.Count(BudgetKind.Connections));
    }

    [Fact]
    public void Sending_is_checked()
    {
        using var context = Guest.Context(s_loopback);
        using var socket = Bind(context, AddressFamily.InterNetwork, out var address);
        using var peer = Bind(context, AddressFamily.InterNetwork, out var peerAddress);
        var (_, output) = Guest.Ok(socket.Stream(null));
        OutgoingDatagram To(IPEndPoint? target) => new("x"u8.ToArray(), target);
        Assert.Throws<GuestMisuseException>(() => output.Send([To(address)]));
        Assert.Equal(0UL, Guest.Ok(output.Send([])));
        foreach (var invalid in new[] { null, new IPEndPoint(IPAddress.Any, 1), new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.IPv6Loopback, 1) })
        {
            Guest.Ok(output.CheckSend());
            Guest.Fails(NetworkError.InvalidArgument, output.Send([To(invalid)]));
        }
        Guest.Ok(output.CheckSend());
        Guest.Fails(NetworkError.AccessDenied, output.Send([To(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1))]));
        Guest.Ok(output.CheckSend());
        Guest.Fails(NetworkError.DatagramTooLarge, output.Send([new(new byte[70_000], address)]));
        Guest.Ok(output.CheckSend());
        Assert.Equal(1UL, Guest.Ok(output.Send([To(address), To(null)])));

        var (_, connected) = Guest.Ok(socket.Stream(peerAddress));
        Guest.Ok(connected.CheckSend());
        Guest.Fails(NetworkError.InvalidArgument, connected.Send([To(address)]));
        Guest.Fails(NetworkError.InvalidState, output.CheckSend()); // an earlier pair of streams
        Assert.Equal(peerAddress, Guest.Ok(socket.RemoteAddress()));
        Guest.Ok(socket.Stream(null));
        Guest.Fails(NetworkError.InvalidState, socket.RemoteAddress());
    }

    [Theory, MemberData(nameof(TcpTests.Families), MemberType = typeof(TcpTests))]
    public void The_states_follow_the_specification(AddressFamily family)
    {
        using var context = Guest.Context(s_loopback);
        using var socket = Guest.Ok(UdpSocket.Create(context, family));
        Guest.Fails(NetworkError.InvalidState, socket.Stream(null));
        Guest.Fails(NetworkError.InvalidState, socket.LocalAddress());
        Guest.Fails(NetworkError.NotInProgress, socket.FinishBind());
        var other = family == AddressFamily.InterNetwork ? IPAddress.IPv6Loopback : IPAddress.Loopback;
        Guest.Fails(NetworkError.InvalidArgument, socket.StartBind(context.Network, new IPEndPoint(other, 0)));
        Guest.Ok(socket.StartBind(context.Network, Loopback(family)));
        Guest.Fails(NetworkError.ConcurrencyConflict, socket.StartBind(context.Network, Loopback(family)));
        Guest.Fails(NetworkError.InvalidState, socket.Stream(null));
        Guest.Ok(socket.FinishBind());
        Guest.Fails(NetworkError.InvalidState, socket.StartBind(context.Network, Loopback(family)));
        Guest.Fails(NetworkError.InvalidArgument, socket.Stream(Loopback(family)));
        using var second = Guest.Ok(UdpSocket.Create(context, family));
        Guest.Fails(NetworkError.AddressInUse, second.StartBind(context.Network, Guest.Ok(socket.LocalAddress())));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetUnicastHopLimit(0));
        Guest.Ok(socket.SetUnicastHopLimit(42));
        Assert.Equal(42, Guest.Ok(socket.GetUnicastHopLimit()));
        Guest.Ok(socket.SetReceiveBufferSize(0x10000));
        Assert.Equal(0x10000UL, Guest.Ok(socket.GetReceiveBufferSize()));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetSendBufferSize(0));
    }

    [Fact]
    public void Datagrams_from_strangers_are_not_seen()
    {
        using var friend = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var friendAddress = (IPEndPoint)friend.Client.LocalEndPoint!;
        using var context = Guest.Context(new WasiOptions { Network = NetworkPolicy.Allow($"udp 127.0.0.1:{friendAddress.Port}") });
        using var socket = Guest.Ok(UdpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.AccessDenied, socket.StartBind(context.Network, new IPEndPoint(IPAddress.Loopback, 53535)));
        Guest.Ok(socket.StartBind(context.Network, Loopback(AddressFamily.InterNetwork)));
        Guest.Ok(socket.FinishBind());
        var (input, _) = Guest.Ok(socket.Stream(null));
        var address = Guest.Ok(socket.LocalAddress());
        stranger.Send("evil"u8, address);
        friend.Send("good"u8, address);
        var seen = new List<string>();
        while (seen.Count == 0)
        {
            input.Subscribe().Block();
            seen.AddRange(Guest.Ok(input.Receive(10)).Select(datagram => Encoding.UTF8.GetString(datagram.Data.Span)));
        }
        Assert.Equal(["good"], seen);
    }

    private static IPEndPoint Loopback(AddressFamily family) => new(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0);

    private static UdpSocket Bind(WasiContext context, AddressFamily family, out IPEndPoint address)
    {
        var socket = Guest.Ok(UdpSocket.Create(context, family));
        Guest.Ok(socket.StartBind(context.Network, Loopback(family)));
        Guest.Ok(socket.FinishBind());
        address = Guest.Ok(socket.LocalAddress());
        return socket;
    }
}
