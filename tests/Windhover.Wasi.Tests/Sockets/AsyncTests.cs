using System.Net;
using System.Net.Sockets;
using Windhover.Engine;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.Tests.Sockets;

/// <summary>The steps of TCP and UDP in one piece, as WASI 0.3 takes them.</summary>
public sealed class AsyncTests
{
    private static readonly CancellationToken s_none = CancellationToken.None;
    private static readonly NetworkPolicy s_loopback = NetworkPolicy.Allow("any 127.0.0.0/8:*", "listen 0.0.0.0:*", "udp-listen 0.0.0.0:*");

    [Fact]
    public async Task A_listener_hands_out_connections_even_when_dropped()
    {
        using var context = Guest.Context(new WasiOptions { Network = s_loopback });
        var listener = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Ok(listener.Bind(context.Network, new IPEndPoint(IPAddress.Loopback, 0)));
        Guest.Fails(NetworkError.InvalidState, listener.Bind(context.Network, new IPEndPoint(IPAddress.Loopback, 0)));
        var address = Guest.Ok(listener.LocalAddress());
        var connections = Guest.Ok(listener.Listen(context.Network)).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Guest.Fails(NetworkError.InvalidState, listener.Listen(context.Network));
        Assert.True(listener.IsListening);

        var accepting = connections.MoveNextAsync();
        listener.Dispose();
        using var client = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Ok(await client.ConnectAsync(context.Network, address, s_none));
        Assert.True(await accepting);
        using var server = connections.Current;
        Guest.Fails(NetworkError.InvalidState, await client.ConnectAsync(context.Network, address, s_none));

        using (var output = Guest.Ok(client.Send()))
        {
            Guest.Fails(NetworkError.InvalidState, client.Send());
            Guest.WriteAll(output, "hello"u8);
            output.Shutdown();
        }
        using (var input = Guest.Ok(server.Receive()))
        {
            Guest.Fails(NetworkError.InvalidState, server.Receive());
            Assert.Equal("hello", Guest.ReadText(input));
        }

        await connections.DisposeAsync();
        using var refused = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.ConnectionRefused, await refused.ConnectAsync(context.Network, address, s_none));
        Guest.Fails(NetworkError.InvalidState, await refused.ConnectAsync(context.Network, address, s_none));
        client.Dispose();
        server.Dispose();
        refused.Dispose();
        Assert.Equal(0, context.Usage.Count(BudgetKind.Connections));
    }

    [Fact]
    public async Task A_guest_at_its_limit_accepts_when_it_has_room_again()
    {
        using var context = Guest.Context(new WasiOptions { Network = s_loopback, Budget = Budget.Default with { Connections = 2 } });
        using var listener = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        await using var connections = Guest.Ok(listener.Listen(context.Network)).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var address = new IPEndPoint(IPAddress.Loopback, Guest.Ok(listener.LocalAddress()).Port);
        var other = Guest.Ok(UdpSocket.Create(context, AddressFamily.InterNetwork));
        var accepting = connections.MoveNextAsync();

        using var first = new TcpClient();
        await first.ConnectAsync(address);
        Assert.Equal(0, await first.GetStream().ReadAsync(new byte[1])); // closed at once
        Assert.False(accepting.IsCompleted);
        other.Dispose();
        using var second = new TcpClient();
        await second.ConnectAsync(address);
        Assert.True(await accepting);
        connections.Current.Dispose();
    }

    [Fact]
    public async Task Listening_without_an_address_takes_a_permission_for_all_addresses()
    {
        using var context = Guest.Context(new WasiOptions { Network = NetworkPolicy.Allow("listen 127.0.0.1:*", "connect 127.0.0.1:1") });
        using var socket = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.AccessDenied, socket.Listen(context.Network));
        Guest.Fails(NetworkError.AccessDenied, await socket.ConnectAsync(context.Network, new IPEndPoint(IPAddress.Loopback, 2), s_none));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            async () => await socket.ConnectAsync(context.Network, new IPEndPoint(IPAddress.Loopback, 1), new CancellationToken(canceled: true)));
        Guest.Fails(NetworkError.InvalidState, await socket.ConnectAsync(context.Network, new IPEndPoint(IPAddress.Loopback, 1), s_none));
    }

    [Fact]
    public async Task A_datagram_socket_changes_its_peer_and_keeps_its_port()
    {
        using var context = Guest.Context(new WasiOptions { Network = s_loopback });
        using var socket = Guest.Ok(UdpSocket.Create(context, AddressFamily.InterNetwork));
        using var first = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var second = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var (one, two) = ((IPEndPoint)first.Client.LocalEndPoint!, (IPEndPoint)second.Client.LocalEndPoint!);

        Guest.Fails(NetworkError.InvalidState, socket.LocalAddress());
        Guest.Fails(NetworkError.InvalidState, await socket.ReceiveAsync(s_none));
        Guest.Fails(NetworkError.InvalidState, socket.Disconnect());
        Guest.Ok(socket.Connect(context.Network, one));
        var local = Guest.Ok(socket.LocalAddress());
        Assert.Equal(IPAddress.Loopback, local.Address);
        Guest.Fails(NetworkError.InvalidArgument, await socket.SendAsync(context.Network, "x"u8.ToArray(), two, s_none));
        Guest.Ok(await socket.SendAsync(context.Network, "to one"u8.ToArray(), null, s_none));
        Assert.Equal("to one"u8.ToArray(), (await first.ReceiveAsync()).Buffer);

        Guest.Ok(socket.Disconnect());
        Guest.Fails(NetworkError.InvalidState, socket.RemoteAddress());
        Assert.Equal(local.Port, Guest.Ok(socket.LocalAddress()).Port);
        Guest.Fails(NetworkError.InvalidArgument, await socket.SendAsync(context.Network, "x"u8.ToArray(), null, s_none));
        await second.SendAsync("from two"u8.ToArray(), new IPEndPoint(IPAddress.Loopback, local.Port));
        var received = Guest.Ok(await socket.ReceiveAsync(s_none));
        Assert.Equal("from two"u8.ToArray(), received.Data.ToArray());
        Assert.Equal(two, received.RemoteAddress);

        Guest.Ok(socket.Connect(context.Network, two));
        Guest.Ok(socket.Connect(context.Network, one)); // without disconnecting
        Assert.Equal(one, Guest.Ok(socket.RemoteAddress()));
        Assert.Equal(local.Port, Guest.Ok(socket.LocalAddress()).Port);
    }

    [Fact]
    public async Task Receiving_ends_when_it_is_cancelled_or_the_work_given_up()
    {
        using var aborted = new CancellationTokenSource();
        using var context = new WasiContext(new WasiOptions { Network = s_loopback }, aborted: aborted.Token);
        using var socket = Guest.Ok(UdpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Ok(socket.Bind(context.Network, new IPEndPoint(IPAddress.Loopback, 0)));
        using var cancelled = new CancellationTokenSource();
        var one = socket.ReceiveAsync(cancelled.Token).AsTask();
        var two = socket.ReceiveAsync(s_none).AsTask();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => one);
        Assert.False(two.IsCompleted);
        await aborted.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => two);
    }
}
