using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Windhover.Hosting.Tests;

/// <summary>Header and trailer fields between a guest and real clients: every byte, and what follows the content.</summary>
public sealed class FieldsTests
{
    private const string Guest = "c-http-fields/c-http-fields.wasm";

    private static readonly string AllBytes =
        "<" + string.Concat(Enumerable.Range(0x20, 0xe0).Where(b => b != 0x7f).Select(b => (char)b));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_guests_field_may_hold_any_byte(HttpProtocols protocols)
    {
        await using TestServer server = await TestServer.StartAsync(Guest, protocols: protocols);
        using HttpClient client = Client(server, protocols);
        using HttpResponseMessage response = await client.GetAsync("/bytes", Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(AllBytes, response.Headers.NonValidated["x-bytes"].ToString());
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_guest_sees_the_bytes_of_the_requests_fields(HttpProtocols protocols)
    {
        await using TestServer server = await TestServer.StartAsync(Guest, protocols: protocols);
        using HttpClient client = Client(server, protocols);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/back") { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        string utf8 = Encoding.Latin1.GetString("grüß Gott, 世界"u8);
        request.Headers.TryAddWithoutValidation("x-there", utf8);
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.Equal(Convert.ToHexStringLower("grüß Gott, 世界"u8), await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(utf8, response.Headers.NonValidated["x-back"].ToString());
    }

    // By default Kestrel reads UTF-8 only; an application that lets guests see other bytes says so.
    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_guest_sees_any_byte_where_the_server_reads_latin_1(HttpProtocols protocols)
    {
        await using TestServer server =
            await TestServer.StartAsync(Guest, protocols: protocols, kestrel: o => o.RequestHeaderEncodingSelector = _ => Encoding.Latin1);
        using HttpClient client = Client(server, protocols);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/back") { Version = client.DefaultRequestVersion, VersionPolicy = client.DefaultVersionPolicy };
        request.Headers.TryAddWithoutValidation("x-there", AllBytes);
        using HttpResponseMessage response = await client.SendAsync(request, Token);
        Assert.Equal(Convert.ToHexStringLower(Encoding.Latin1.GetBytes(AllBytes)), await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(AllBytes, response.Headers.NonValidated["x-back"].ToString());
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Trailers_of_a_short_content_arrive(HttpProtocols protocols)
    {
        await using TestServer server = await TestServer.StartAsync(Guest, protocols: protocols);
        using HttpClient client = Client(server, protocols);
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await client.GetAsync("/short", Token);
            Assert.Equal("short", await response.Content.ReadAsStringAsync(Token));
            Assert.Equal(["x-sum", "x-bytes"], response.Headers.Trailer);
            Assert.Equal("5", response.TrailingHeaders.NonValidated["x-sum"].ToString());
            Assert.Equal(AllBytes, response.TrailingHeaders.NonValidated["x-bytes"].ToString());
        }
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task Trailers_of_a_long_content_arrive_when_they_were_declared(HttpProtocols protocols)
    {
        await using TestServer server = await TestServer.StartAsync(Guest, protocols: protocols);
        using HttpClient client = Client(server, protocols);
        for (int i = 0; i < 2; i++)
        {
            using HttpResponseMessage response = await client.GetAsync("/long", Token);
            Assert.Equal(new string('x', 100_000), await response.Content.ReadAsStringAsync(Token));
            Assert.Equal("100000", response.TrailingHeaders.GetValues("x-sum").Single());
        }
    }

    // HTTP/2 can send trailers after anything. On HTTP/1.1 the response was chunked by Kestrel, which ends it without.
    [Theory]
    [InlineData(HttpProtocols.Http1, 0)]
    [InlineData(HttpProtocols.Http2, 1)]
    public async Task Trailers_of_a_long_content_that_nothing_declared_depend_on_the_protocol(HttpProtocols protocols, int expected)
    {
        await using TestServer server = await TestServer.StartAsync(Guest, protocols: protocols);
        using HttpClient client = Client(server, protocols);
        using HttpResponseMessage response = await client.GetAsync("/undeclared", Token);
        Assert.Equal(new string('x', 100_000), await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(expected, response.TrailingHeaders.Count());
    }

    [Fact]
    public async Task What_goes_over_the_wire_with_trailers_on_http_1_is_as_specified()
    {
        await using TestServer server = await TestServer.StartAsync(Guest);
        string answer = await Raw(server, "GET /short HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        int content = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        Assert.Contains("\r\nTransfer-Encoding: chunked\r\n", answer[..content], StringComparison.Ordinal);
        Assert.Contains("\r\nTrailer: x-sum, x-bytes\r\n", answer[..content], StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Length", answer[..content], StringComparison.Ordinal);
        Assert.Matches("^0*5\r\nshort\r\n0\r\nx-sum: 5\r\nx-bytes: <[^\r\n]+\r\n\r\n$", answer[content..]);
    }

    // No chunks: HTTP/1.0 has none, and an answer to HEAD has no content.
    [Theory]
    [InlineData("GET /short HTTP/1.0\r\nHost: x\r\n\r\n", "\r\n\r\nshort")]
    [InlineData("HEAD /short HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "\r\n\r\n")]
    public async Task Without_chunks_there_are_no_trailers(string request, string end)
    {
        await using TestServer server = await TestServer.StartAsync(Guest);
        string answer = await Raw(server, request);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.EndsWith(end, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("x-sum: ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpProtocols.Http1)]
    [InlineData(HttpProtocols.Http2)]
    public async Task A_content_with_trailers_that_is_broken_off_is_not_taken_for_whole(HttpProtocols protocols)
    {
        await using TestServer server = await TestServer.StartAsync(Guest, protocols: protocols);
        using HttpClient client = Client(server, protocols);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/partial", Token));
        await server.Log.WaitAsync(static _ => true, Token); // the client may know before the server has said so
        Assert.Single(server.Log.Lines);
    }

    // Each closes as soon as it has sent its request, at another moment of the guest's work.
    [Fact]
    public async Task Clients_that_have_gone_leave_nothing_in_the_log()
    {
        await using TestServer server = await TestServer.StartAsync(Guest);
        for (int i = 0; i < 300; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(server.Http.Host, server.Http.Port, Token);
            string path = (i % 4) switch { 0 => "/short", 1 => "/long", 2 => "/undeclared", _ => "/bytes" };
            await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"), Token);
            if (i % 3 == 0)
                await socket.ReceiveAsync(new byte[1], Token);
            socket.Close(0); // resets the connection
        }

        Assert.Equal(HttpStatusCode.OK, (await server.Client.GetAsync("/bytes", Token)).StatusCode);
        Assert.Empty(server.Log.Lines);
    }

    private static HttpClient Client(TestServer server, HttpProtocols protocols) => new(new SocketsHttpHandler
    {
        RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = (_, _) => Encoding.Latin1,
    })
    {
        BaseAddress = server.Http,
        DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private static async Task<string> Raw(TestServer server, string request)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Http.Host, server.Http.Port, Token);
        await socket.SendAsync(Encoding.Latin1.GetBytes(request), Token);
        using var answer = new MemoryStream();
        await using var stream = new NetworkStream(socket);
        await stream.CopyToAsync(answer, Token);
        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
