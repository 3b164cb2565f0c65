using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Windhover.Hosting.Isolation.Calls;

// Both ends of a hop between server and worker: HTTP/2 over a Unix socket, one connection for many requests at a time.
//
//   windows   A receiver grants each request StreamWindow bytes that nobody has read yet, and the connection as much as all its requests together: a request whose reader is slow holds up
//             itself and no other. (With the defaults two such requests would stop all the others.)
//   fields    A request whose fields are beyond the receiver's limit ends the whole connection, so what a sender lets through must be within it.
internal static class Hop
{
    private const int StreamWindow = 256 * 1024;
    private const int StreamsPerConnection = 1000; // Kestrel's default is 100: here one connection carries what many ask
    private const int TargetBytes = 80 * 1024; // as long as a guest's may be, with authority and what HopHeaders adds

    /// <summary>The receiving end.</summary>
    /// <param name="kestrel">Its options.</param>
    /// <param name="socket">The path of its socket.</param>
    /// <param name="fieldBytes">How many bytes a request's fields may have, with 32 more for each.</param>
    public static void Listen(KestrelServerOptions kestrel, string socket, long fieldBytes)
    {
        int bytes = (int)Math.Min(int.MaxValue, fieldBytes + TargetBytes);
        kestrel.AddServerHeader = false;
        kestrel.AllowAlternateSchemes = true;
        kestrel.Limits.MaxRequestBodySize = null;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.MaxRequestBufferSize = Math.Max(kestrel.Limits.MaxRequestBufferSize ?? 0, bytes); // fields are read from there
        kestrel.Limits.MaxRequestHeadersTotalSize = bytes;
        kestrel.Limits.MaxRequestHeaderCount = bytes / 32;
        kestrel.Limits.Http2.MaxRequestHeaderFieldSize = bytes;
        kestrel.Limits.Http2.MaxStreamsPerConnection = StreamsPerConnection;
        kestrel.Limits.Http2.InitialStreamWindowSize = StreamWindow;
        kestrel.Limits.Http2.InitialConnectionWindowSize = StreamWindow * StreamsPerConnection;
        kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
        kestrel.ListenUnixSocket(socket, listen => listen.Protocols = HttpProtocols.Http2);
    }

    /// <summary>How many connections carry so many requests; one more, for when one takes the place of another.</summary>
    public static int ConnectionsFor(long requests) => (int)Math.Min(int.MaxValue, 2 + (requests / StreamsPerConnection));

    /// <summary>The sending end: whatever the address says, requests go to the socket.</summary>
    /// <param name="socket">The path of the socket.</param>
    /// <param name="fieldBytes">How many bytes an answer's fields may have.</param>
    public static HttpMessageInvoker CreateClient(string socket, long fieldBytes) => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = StreamWindow,
        MaxResponseHeadersLength = (int)Math.Min(int.MaxValue / 1024, (fieldBytes / 1024) + 8), // KiB
        ActivityHeadersPropagator = null,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ConnectCallback = (_, cancellation) => ConnectAsync(socket, cancellation),
    });

    private static async ValueTask<Stream> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
