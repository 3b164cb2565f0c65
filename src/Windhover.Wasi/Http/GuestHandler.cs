using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Windhover.Wasi.Http;

// The last handler before the wire: here it is decided which address a guest's request goes to.
//
//   (1) the grant that allowed the request (scheme, host, port) comes with it
//   (2) each grant has connections of its own: one that another app's grant allowed is never used again for this one
//   (3) a new connection: the host is resolved, here and once
//   (4) each address must be public, or granted by address; what is not is dropped
//   (5) the connection goes to an address that passed (4), not to the name: a name that resolves differently a moment later changes nothing
//   (6) a redirect is an answer as any other: the guest makes the next request, from (1)

/// <summary>Sends the requests of guests, to addresses that their grants allow.</summary>
internal sealed class GuestHandler : HttpMessageHandler
{
    private readonly ConditionalWeakTable<OutgoingHttp, HttpMessageInvoker> _grants = [];

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.Options.TryGetValue(OutgoingHttp.GrantKey, out var grant)
            ? _grants.GetValue(grant, static g => new HttpMessageInvoker(CreateSockets(g))).SendAsync(request, cancellationToken)
            : throw new InvalidOperationException("This client is for requests of guests, and this is none.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var (_, invoker) in _grants)
                invoker.Dispose();
            _grants.Clear();
        }

        base.Dispose(disposing);
    }

    private static SocketsHttpHandler CreateSockets(OutgoingHttp grant) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        EnableMultipleHttp2Connections = true,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ConnectCallback = (context, cancellationToken) => ConnectAsync(grant, context, cancellationToken),
    };

    private static async ValueTask<Stream> ConnectAsync(OutgoingHttp grant, SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var limited = context.InitialRequestMessage.Options.TryGetValue(OutgoingHttp.ConnectTimeoutKey, out var timeout);
        using var timer = limited ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken) : null;
        timer?.CancelAfter(timeout);
        var token = timer?.Token ?? cancellationToken;
        var endPoint = context.DnsEndPoint;
        var scheme = context.InitialRequestMessage.RequestUri!.Scheme;
        try
        {
            var resolved = await grant.ResolveAsync(endPoint.Host, token).ConfigureAwait(false);
            var allowed = Array.FindAll(resolved, address => grant.AllowsAddress(scheme, endPoint.Host, address, endPoint.Port));
            if (allowed.Length == 0)
                throw resolved.Length == 0 ? new SocketException((int)SocketError.HostNotFound) : new HttpGuestException(new HttpError(HttpErrorKind.DestinationIpProhibited));
            return await ConnectAsync(allowed, endPoint.Port, token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpGuestException(new HttpError(HttpErrorKind.ConnectionTimeout));
        }
    }

    private static async ValueTask<Stream> ConnectAsync(IPAddress[] addresses, int port, CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            var socket = new Socket(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(addresses[i], port), cancellationToken).ConfigureAwait(false);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException) when (i + 1 < addresses.Length)
            {
                socket.Dispose();
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
    }
}
