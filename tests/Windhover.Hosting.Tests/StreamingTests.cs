using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Windhover.Hosting.Tests;

/// <summary>Bodies that flow, clients that leave, requests that are broken.</summary>
public sealed class StreamingTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_echo_starts_before_the_request_has_ended_on_http_2()
    {
        await using TestServer server = await TestServer.StartAsync(protocols: HttpProtocols.Http2);
        var pipe = new Pipe();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/echo")
        {
            Content = new FlushedContent(pipe.Reader),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        Task<HttpResponseMessage> sending = server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await pipe.Writer.WriteAsync("first"u8.ToArray(), Token);
        using HttpResponseMessage response = await sending;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await using Stream body = await response.Content.ReadAsStreamAsync(Token);
        var buffer = new byte[5];
        await body.ReadExactlyAsync(buffer, Token);
        Assert.Equal("first", Encoding.ASCII.GetString(buffer));

        await pipe.Writer.WriteAsync("again"u8.ToArray(), Token);
        await body.ReadExactlyAsync(buffer, Token);
        Assert.Equal("again", Encoding.ASCII.GetString(buffer));
        await pipe.Writer.CompleteAsync();
        Assert.Equal(0, await body.ReadAsync(buffer, Token));
    }

    // A socket: HttpClient sends a request's whole content before it reads an answer on HTTP/1.1.
    [Fact]
    public async Task The_echo_starts_before_the_request_has_ended_on_http_1()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Http.Host, server.Http.Port, Token);
        await socket.SendAsync("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"u8.ToArray(), Token);
        string answer = await ReceiveUntil(socket, "first");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        await socket.SendAsync("5\r\nagain\r\n"u8.ToArray(), Token);
        await ReceiveUntil(socket, "again");
        await socket.SendAsync("0\r\n\r\n"u8.ToArray(), Token);
        await ReceiveUntil(socket, "0\r\n\r\n");
    }

    private static async Task<string> ReceiveUntil(Socket socket, string end)
    {
        var buffer = new byte[4096];
        string text = "";
        while (!text.Contains(end, StringComparison.Ordinal))
        {
            int count = await socket.ReceiveAsync(buffer, Token);
            Assert.True(count > 0, $"The connection ended after: {text}");
            text += Encoding.Latin1.GetString(buffer, 0, count);
        }

        return text;
    }

    [Fact]
    public async Task A_client_that_leaves_ends_the_guest_and_nothing_is_logged()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.MaxConcurrentRequests = 1);
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            leaving.CancelAfter(100);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => server.Client.GetAsync("/sleep/60000", leaving.Token));
        }

        // The only place is free again as soon as the guest has ended.
        HttpStatusCode status;
        do
        {
            using HttpResponseMessage response = await server.Client.GetAsync("/", Token);
            status = response.StatusCode;
        }
        while (status == HttpStatusCode.ServiceUnavailable);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Empty(server.Log.Lines);
    }

    [Theory]
    [InlineData("POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbroken")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nshort")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nBad header\r\n\r\n")]
    [InlineData("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    public async Task A_broken_request_does_no_harm(string raw)
    {
        await using TestServer server = await TestServer.StartAsync();
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(server.Http.Host, server.Http.Port, Token);
            await socket.SendAsync(Encoding.ASCII.GetBytes(raw), Token);
            socket.Shutdown(SocketShutdown.Send);
            var buffer = new byte[4096];
            try
            {
                while (await socket.ReceiveAsync(buffer, Token) > 0)
                {
                }
            }
            catch (SocketException)
            {
                // A reset is an answer too: what was sent after the server had enough was never read.
            }
        }

        Assert.Equal("Hello from C\n", await server.Client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task Oversized_headers_are_refused_by_the_server()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Add("x-large", new string('a', 100_000));
        using HttpResponseMessage response = await server.Client.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, response.StatusCode);
        Assert.Equal("Hello from C\n", await server.Client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task The_guest_sees_the_headers_but_not_those_of_the_connection()
    {
        await using TestServer server = await TestServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/headers");
        request.Headers.Add("x-one", ["a", "b"]);
        request.Headers.Connection.Add("keep-alive");
        string text = await (await server.Client.SendAsync(request, Token)).Content.ReadAsStringAsync(Token);
        Assert.Contains("x-one: ", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("connection:", text, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Ten_thousand_requests_leave_no_instance_behind()
    {
        await using TestServer server = await TestServer.StartAsync();
        for (int i = 0; i < 100; i++)
        {
            Task<HttpResponseMessage>[] requests = [.. Enumerable.Range(0, 100).Select(n => server.Client.GetAsync(n % 10 == 0 ? "/trap" : "/", Token))];
            foreach (HttpResponseMessage response in await Task.WhenAll(requests))
                response.Dispose();
        }

        Assert.Equal(0, server.LiveInstances);
    }

    /// <summary>Sends what the pipe delivers as soon as it does: HttpClient's own stream content waits for a full buffer.</summary>
    private sealed class FlushedContent(PipeReader reader) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync();
                foreach (ReadOnlyMemory<byte> part in read.Buffer)
                    await stream.WriteAsync(part);
                await stream.FlushAsync();
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
