using System.Net;
using System.Net.Sockets;
using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Io;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.Tests.Sockets;

public sealed class TcpTests
{
    private static readonly WasiOptions s_loopback = new() { Network = NetworkPolicy.Allow("any localhost:*") };

    public static TheoryData<AddressFamily> Families => [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    [Theory, MemberData(nameof(Families))]
    public void Two_guests_talk(AddressFamily family)
    {
        using var context = Guest.Context(s_loopback);
        using var listener = Listen(context, family, out var address);
        using var client = Guest.Ok(TcpSocket.Create(context, family));
        Guest.Ok(client.StartConnect(context.Network, address));
        Guest.Fails(NetworkError.ConcurrencyConflict, client.StartConnect(context.Network, address));
        client.Subscribe().Block();
        var (clientIn, clientOut) = Guest.Ok(client.FinishConnect());
        listener.Subscribe().Block();
        var (server, serverIn, serverOut) = Guest.Ok(listener.Accept());
        Guest.Fails(NetworkError.WouldBlock, listener.Accept());

        Assert.Equal(0, Guest.Ok(serverIn.Read(10)).Length);
        Assert.False(serverIn.IsReady);
        Guest.Ok(clientOut.BlockingWriteAndFlush("ping"u8));
        Assert.Equal("ping", Encoding.UTF8.GetString(Guest.Ok(serverIn.BlockingRead(100)).Span));
        Guest.Ok(serverOut.BlockingWriteAndFlush("pong"u8));
        Guest.Ok(server.Shutdown(ShutdownType.Send));
        Guest.Fails(StreamErrors.Closed, serverOut.CheckWrite());
        Assert.Equal("pong", Guest.ReadText(clientIn));

        Assert.Equal(Guest.Ok(client.LocalAddress()), Guest.Ok(server.RemoteAddress()));
        Assert.Equal(address, Guest.Ok(client.RemoteAddress()));
        Assert.Equal(family, server.Family);
        Guest.Fails(NetworkError.InvalidState, client.StartConnect(context.Network, address));
        Guest.Fails(NetworkError.InvalidState, listener.RemoteAddress());
        foreach (var used in new IDisposable[] { server, serverIn, serverOut, client, clientIn, clientOut, listener })
        {
            used.Dispose();
            used.Dispose();
        }
        Assert.Equal(0, context.Usage.Count(BudgetKind.Connections));
    }

    [Fact]
    public async Task Much_data_is_echoed_within_the_buffers()
    {
        using var context = Guest.Context(s_loopback);
        using var listener = Listen(context, AddressFamily.InterNetwork, out var address);
        using var client = new TcpClient();
        await client.ConnectAsync(address, TestContext.Current.CancellationToken);
        listener.Subscribe().Block();
        var (server, input, output) = Guest.Ok(listener.Accept());
        var content = new byte[8 << 20];
        new global::System.Random(5).NextBytes(content);
        var guest = Task.Factory.StartNew(
            () =>
            {
                while (output.BlockingSplice(input, ulong.MaxValue).IsOk)
                {
                }
                Guest.Ok(output.BlockingFlush());
                output.Dispose();
                input.Dispose();
                server.Dispose();
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var stream = client.GetStream();
        var send = Task.Run(
            async () =>
            {
                await stream.WriteAsync(content, TestContext.Current.CancellationToken);
                client.Client.Shutdown(SocketShutdown.Send);
            },
            TestContext.Current.CancellationToken);
        var echoed = new MemoryStream();
        await stream.CopyToAsync(echoed, TestContext.Current.CancellationToken);
        await Task.WhenAll(send, guest);
        Assert.True(echoed.ToArray().AsSpan().SequenceEqual(content));
    }

    [Fact]
    public async Task What_was_accepted_is_sent_even_if_the_guest_drops_everything()
    {
        using var context = Guest.Context(s_loopback);
        using var listener = Listen(context, AddressFamily.InterNetwork, out var address);
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(address, TestContext.Current.CancellationToken);
        listener.Subscribe().Block();
        var (server, input, output) = Guest.Ok(listener.Accept());
        Guest.Ok(server.SetSendBufferSize(4096));
        var total = 0UL;
        while (Guest.Ok(output.CheckWrite()) is > 0 and var permit)
        {
            // In small pieces, so that some of them queue behind the first that the kernel does not take.
            for (var left = permit; left > 0; left -= Math.Min(left, 1000))
                Guest.Ok(output.Write(new byte[Math.Min(left, 1000)]));
            total += permit;
        }
        Assert.False(output.IsReady);
        output.Dispose();
        input.Dispose();
        server.Dispose();
        var received = new MemoryStream();
        await client.GetStream().CopyToAsync(received, TestContext.Current.CancellationToken);
        Assert.Equal(total, (ulong)received.Length);
    }

    [Theory, MemberData(nameof(Families))]
    public void A_refused_connection_closes_the_socket(AddressFamily family)
    {
        using var context = Guest.Context(s_loopback);
        using var bound = Guest.Ok(TcpSocket.Create(context, family));
        Bind(context, bound, Loopback(family, 0));
        var address = Guest.Ok(bound.LocalAddress());
        bound.Dispose();
        using var socket = Guest.Ok(TcpSocket.Create(context, family));
        Guest.Ok(socket.StartConnect(context.Network, address));
        socket.Subscribe().Block();
        Guest.Fails(NetworkError.ConnectionRefused, socket.FinishConnect());
        Guest.Fails(NetworkError.NotInProgress, socket.FinishConnect());
        Guest.Fails(NetworkError.InvalidState, socket.StartConnect(context.Network, address));
        Guest.Fails(NetworkError.InvalidState, socket.LocalAddress());
    }

    [Theory, MemberData(nameof(Families))]
    public void Addresses_are_checked_before_anything_happens(AddressFamily family)
    {
        using var context = Guest.Context(new WasiOptions { Network = NetworkPolicy.Unrestricted });
        using var socket = Guest.Ok(TcpSocket.Create(context, family));
        var other = family == AddressFamily.InterNetwork ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        Guest.Fails(NetworkError.InvalidArgument, socket.StartBind(context.Network, Loopback(other, 0)));
        Guest.Fails(NetworkError.InvalidArgument, socket.StartConnect(context.Network, Loopback(other, 42)));
        Guest.Fails(NetworkError.InvalidArgument, socket.StartConnect(context.Network, Loopback(family, 0)));
        string[] nonUnicast = family == AddressFamily.InterNetwork ? ["224.0.0.1", "239.0.0.1", "255.255.255.255"] : ["ff00::1", "ffff::1", "::ffff:127.0.0.1"];
        foreach (var address in nonUnicast)
        {
            Guest.Fails(NetworkError.InvalidArgument, socket.StartBind(context.Network, new IPEndPoint(IPAddress.Parse(address), 0)));
            Guest.Fails(NetworkError.InvalidArgument, socket.StartConnect(context.Network, new IPEndPoint(IPAddress.Parse(address), 42)));
        }
        Guest.Fails(NetworkError.InvalidArgument, socket.StartConnect(context.Network, new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 42)));
        var foreign = IPAddress.Parse(family == AddressFamily.InterNetwork ? "192.0.2.1" : "2001:db8::1");
        Guest.Fails(NetworkError.AddressNotBindable, socket.StartBind(context.Network, new IPEndPoint(foreign, 0)));

        // A bind that failed may be tried again; one that succeeded may not.
        Bind(context, socket, Loopback(family, 0));
        Guest.Fails(NetworkError.InvalidState, socket.StartBind(context.Network, Loopback(family, 0)));
    }

    [Theory, MemberData(nameof(Families))]
    public void The_states_follow_the_specification(AddressFamily family)
    {
        using var context = Guest.Context(s_loopback);
        using var socket = Guest.Ok(TcpSocket.Create(context, family));
        Guest.Fails(NetworkError.InvalidState, socket.LocalAddress());
        Guest.Fails(NetworkError.InvalidState, socket.StartListen());
        Guest.Fails(NetworkError.NotInProgress, socket.FinishBind());
        Guest.Fails(NetworkError.NotInProgress, socket.FinishListen());
        Guest.Fails(NetworkError.NotInProgress, socket.FinishConnect());
        Guest.Fails(NetworkError.InvalidState, socket.Accept());
        Guest.Fails(NetworkError.InvalidState, socket.Shutdown(ShutdownType.Both));
        Guest.Ok(socket.StartBind(context.Network, Loopback(family, 0)));
        Guest.Fails(NetworkError.ConcurrencyConflict, socket.StartListen());
        Guest.Fails(NetworkError.InvalidState, socket.LocalAddress());
        Guest.Ok(socket.FinishBind());
        Guest.Ok(socket.StartListen());
        Assert.False(socket.IsListening);
        Guest.Ok(socket.FinishListen());
        Assert.True(socket.IsListening);
        Guest.Fails(NetworkError.InvalidState, socket.StartListen());
        Guest.Fails(NetworkError.InvalidState, socket.StartConnect(context.Network, Loopback(family, 42)));
        var address = Guest.Ok(socket.LocalAddress());

        using var second = Guest.Ok(TcpSocket.Create(context, family));
        Guest.Fails(NetworkError.AddressInUse, second.StartBind(context.Network, address));
    }

    [Theory, MemberData(nameof(Families))]
    public void Options_take_any_value_but_zero(AddressFamily family)
    {
        const ulong second = 1_000_000_000;
        using var context = Guest.Context(s_loopback);
        using var socket = Guest.Ok(TcpSocket.Create(context, family));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetListenBacklogSize(0));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetKeepAliveIdleTime(0));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetKeepAliveInterval(0));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetKeepAliveCount(0));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetHopLimit(0));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetReceiveBufferSize(0));
        Guest.Fails(NetworkError.InvalidArgument, socket.SetSendBufferSize(0));
        foreach (var value in new[] { 1UL, ulong.MaxValue })
        {
            Guest.Ok(socket.SetListenBacklogSize(value));
            Guest.Ok(socket.SetKeepAliveIdleTime(value));
            Guest.Ok(socket.SetKeepAliveInterval(value));
            Guest.Ok(socket.SetKeepAliveCount((uint)value));
            Guest.Ok(socket.SetHopLimit((byte)value));
            Guest.Ok(socket.SetReceiveBufferSize(value));
            Guest.Ok(socket.SetSendBufferSize(value));
        }
        foreach (var enabled in new[] { true, false })
        {
            Guest.Ok(socket.SetKeepAliveEnabled(enabled));
            Assert.Equal(enabled, Guest.Ok(socket.GetKeepAliveEnabled()));
        }
        Guest.Ok(socket.SetKeepAliveIdleTime(42 * second));
        Guest.Ok(socket.SetKeepAliveInterval(1));
        Guest.Ok(socket.SetKeepAliveCount(42));
        Guest.Ok(socket.SetHopLimit(42));
        Guest.Ok(socket.SetReceiveBufferSize(0x10000));
        Guest.Ok(socket.SetSendBufferSize(0x10000));
        Assert.Equal(42 * second, Guest.Ok(socket.GetKeepAliveIdleTime()));
        Assert.Equal(second, Guest.Ok(socket.GetKeepAliveInterval()));
        Assert.Equal(42u, Guest.Ok(socket.GetKeepAliveCount()));
        Assert.Equal(42, Guest.Ok(socket.GetHopLimit()));
        Assert.Equal(0x10000UL, Guest.Ok(socket.GetReceiveBufferSize()));
        Assert.Equal(0x10000UL, Guest.Ok(socket.GetSendBufferSize()));
    }

    [Theory, MemberData(nameof(Families))]
    public void A_port_can_be_listened_on_again_at_once(AddressFamily family)
    {
        using var context = Guest.Context(s_loopback);
        var listener = Listen(context, family, out var address);
        using (var client = Guest.Ok(TcpSocket.Create(context, family)))
        {
            Guest.Ok(client.StartConnect(context.Network, address));
            client.Subscribe().Block();
            var (clientIn, clientOut) = Guest.Ok(client.FinishConnect());
            listener.Subscribe().Block();
            var (server, serverIn, serverOut) = Guest.Ok(listener.Accept());
            // The server closes first: its side goes into TIME_WAIT.
            server.Dispose();
            serverIn.Dispose();
            serverOut.Dispose();
            Assert.Empty(Guest.ReadAll(clientIn));
            clientIn.Dispose();
            clientOut.Dispose();
        }
        listener.Dispose();
        using var next = Guest.Ok(TcpSocket.Create(context, family));
        Bind(context, next, address);
        Guest.Ok(next.StartListen());
    }

    [Fact]
    public void Without_a_grant_nothing_is_reached()
    {
        using var context = Guest.Context();
        using var socket = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.AccessDenied, socket.StartBind(context.Network, Loopback(AddressFamily.InterNetwork, 0)));
        Guest.Fails(NetworkError.AccessDenied, socket.StartConnect(context.Network, Loopback(AddressFamily.InterNetwork, 80)));
    }

    [Fact]
    public void A_guest_that_leaks_sockets_gets_an_error()
    {
        using var context = Guest.Context(s_loopback with { Budget = Budget.Default with { Connections = 2 } });
        using var one = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        var two = Guest.Ok(UdpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.NewSocketLimit, TcpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.NewSocketLimit, UdpSocket.Create(context, AddressFamily.InterNetwork));
        two.Dispose();
        Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork)).Dispose();
    }

    private static IPEndPoint Loopback(AddressFamily family, int port) =>
        new(family == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, port);

    private static void Bind(WasiContext context, TcpSocket socket, IPEndPoint address)
    {
        Guest.Ok(socket.StartBind(context.Network, address));
        Guest.Ok(socket.FinishBind());
    }

    private static TcpSocket Listen(WasiContext context, AddressFamily family, out IPEndPoint address)
    {
        var listener = Guest.Ok(TcpSocket.Create(context, family));
        Bind(context, listener, Loopback(family, 0));
        Guest.Ok(listener.StartListen());
        Guest.Ok(listener.FinishListen());
        address = Guest.Ok(listener.LocalAddress());
        return listener;
    }
}
