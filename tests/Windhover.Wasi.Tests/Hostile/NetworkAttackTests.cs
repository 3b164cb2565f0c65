using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Wasi.Http;
using Windhover.Wasi.Network;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.Tests.Hostile;

/// <summary>Ways to reach what was not granted, by names and addresses that are not what they seem.</summary>
public sealed class NetworkAttackTests : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddGuestHttpClient().Services.BuildServiceProvider();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private int _connections;

    public NetworkAttackTests()
    {
        _listener.Start();
        _ = ServeAsync();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0.1.2.3")]
    [InlineData("10.255.255.255")]
    [InlineData("100.64.0.1")]
    [InlineData("100.100.100.200")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("168.63.129.16")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.192")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("198.51.100.1")]
    [InlineData("203.0.113.1")]
    [InlineData("224.0.0.1")]
    [InlineData("239.255.255.255")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:20::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("5f00::1")]
    [InlineData("fc00::1")]
    [InlineData("fd00:ec2::254")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%2")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    public void An_address_that_is_not_public_needs_its_own_grant(string text)
    {
        IPAddress address = IPAddress.Parse(text);
        Assert.False(PublicAddresses.Contains(address));
        var everything = new NetworkGrant(NetworkPolicy.Allow("any *:*"));
        Assert.False(everything.Allows(NetworkUse.Connect, new IPEndPoint(address, 80)));
        Assert.False(everything.Allows(NetworkUse.Udp, new IPEndPoint(address, 53)));
        OutgoingHttp http = Grant(_ => [address], "*");
        Assert.False(http.AllowsAddress("http", "evil.example", address, 80));
    }

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("8.8.8.8")]
    [InlineData("93.184.216.34")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("223.255.255.255")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2001:4860:4860::8888")]
    [InlineData("::ffff:8.8.8.8")]
    public void A_public_address_needs_none(string text) => Assert.True(PublicAddresses.Contains(IPAddress.Parse(text)));

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    public void A_name_that_leads_inside_is_refused(string address)
    {
        Assert.Equal(new HttpError(HttpErrorKind.DestinationIpProhibited), Get(Grant(_ => [IPAddress.Parse(address)], "*"), $"evil.example:{Port}"));
        Assert.Equal(0, _connections);
    }

    [Fact]
    public void Of_a_names_addresses_only_those_that_are_granted_are_tried()
    {
        OutgoingHttp http = Grant(_ => [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("169.254.169.254"), IPAddress.Loopback], $"http://service.example:{Port}", $"http://127.0.0.1:{Port}");
        Assert.Null(Get(http, $"service.example:{Port}"));
        Assert.Equal(1, _connections);
    }

    [Fact]
    public void A_name_is_resolved_once_and_what_was_checked_is_what_is_connected_to()
    {
        // DNS rebinding: the first answer is one that is allowed, the second is not. There is no second question.
        int questions = 0;
        OutgoingHttp http = Grant(
            _ => Interlocked.Increment(ref questions) == 1 ? [IPAddress.Loopback] : [IPAddress.Parse("169.254.169.254")],
            $"http://rebind.example:{Port}",
            $"http://127.0.0.0/8:{Port}");
        Assert.Null(Get(http, $"rebind.example:{Port}"));
        Assert.Equal(1, questions);
        Assert.Equal(1, _connections);
    }

    [Fact]
    public void A_connection_of_one_grant_is_not_anothers()
    {
        // Both may name the host; only the first may reach the address. Its connection stays open, but the second does not find it.
        OutgoingHttp first = Grant(_ => [IPAddress.Loopback], $"http://shared.example:{Port}", $"http://127.0.0.1:{Port}");
        OutgoingHttp second = Grant(_ => [IPAddress.Loopback], $"http://shared.example:{Port}");
        Assert.Null(Get(first, $"shared.example:{Port}"));
        Assert.Equal(new HttpError(HttpErrorKind.DestinationIpProhibited), Get(second, $"shared.example:{Port}"));
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.0/8")]
    [InlineData("127.0.0.1")]
    public void An_address_that_is_granted_is_reached(string rule) => Assert.Null(Get(Grant(_ => [IPAddress.Loopback], $"http://{rule}:{Port}"), $"127.0.0.1:{Port}"));

    [Fact]
    public void A_grant_of_an_address_holds_for_its_port_and_scheme()
    {
        OutgoingHttp http = Grant(_ => [IPAddress.Loopback], "*", $"https://127.0.0.1:{Port}", $"http://127.0.0.1:{Port + 1}");
        Assert.Equal(new HttpError(HttpErrorKind.DestinationIpProhibited), Get(http, $"127.0.0.1:{Port}"));
        Assert.Equal(new HttpError(HttpErrorKind.DestinationIpProhibited), Get(http, $"evil.example:{Port}"));
    }

    [Fact]
    public void The_grant_of_localhost_is_not_that_of_a_name_that_leads_there()
    {
        OutgoingHttp http = Grant(_ => [IPAddress.Loopback], "*:*", $"http://localhost:{Port}");
        Assert.Equal(new HttpError(HttpErrorKind.DestinationIpProhibited), Get(http, $"evil.example:{Port}"));
        Assert.Null(Get(http, $"localhost:{Port}"));
    }

    [Fact]
    public void Sockets_need_a_grant_of_their_own()
    {
        using var context = Guest.Context(new WasiOptions { OutgoingHttp = Grant(_ => [IPAddress.Loopback], $"http://127.0.0.1:{Port}") });
        using TcpSocket socket = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.AccessDenied, socket.StartConnect(context.Network, new IPEndPoint(IPAddress.Loopback, Port)));
    }

    private OutgoingHttp Grant(Func<string, IPAddress[]> resolve, params string[] rules) =>
        new(_services.GetRequiredService<IHttpClientFactory>(), rules) { Resolver = (name, _) => Task.FromResult(resolve(name)) };

    // Null when it was answered.
    private static HttpError? Get(OutgoingHttp http, string authority)
    {
        using var context = Guest.Context(new WasiOptions { OutgoingHttp = http });
        var request = new OutgoingRequest(context, new Fields(1000));
        request.SetScheme("http");
        request.SetAuthority(authority);
        var handled = request.Handle(null);
        if (handled.IsErr)
            return handled.Error;
        using FutureIncomingResponse future = handled.Value;
        future.Subscribe().Block();
        var outcome = Guest.Ok(future.Get()!.Value);
        return outcome.IsErr ? outcome.Error : null;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                Interlocked.Increment(ref _connections);
                _ = AnswerAsync(socket);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over.
        }
    }

    // Keeps the connection open.
    private static async Task AnswerAsync(Socket socket)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer) > 0)
            await socket.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\n\r\n"));
    }
}
