using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Windhover.Wasi.Http;

/// <summary>
/// The right to make HTTP requests to certain places: <c>wasi:http/outgoing-handler</c>. Requests go through an <see cref="IHttpClientFactory"/>, so its handlers (retries,
/// telemetry, proxies) apply to guests as to the rest of the application.
/// </summary>
public sealed class OutgoingHttp
{
    /// <summary>The name of the client that <see cref="OutgoingHttpExtensions.AddGuestHttpClient"/> registers.</summary>
    public const string DefaultClientName = "Windhover.Guest";

    internal static readonly HttpRequestOptionsKey<TimeSpan> ConnectTimeoutKey = new("Windhover.ConnectTimeout");

    private readonly HttpRule[] _rules;

    /// <summary>Grants requests to what <paramref name="allowed"/> names.</summary>
    /// <param name="factory">Makes the client.</param>
    /// <param name="allowed">
    /// Each is <c>[scheme://]host[:port]</c>. Scheme: <c>http</c>, <c>https</c> or <c>*</c>, as it is without one. Host: a name or address; <c>*.example.com</c> for all names below a domain; <c>*</c> for all.
    /// Port: a number or <c>*</c>; without one, the scheme's own. <c>*</c> alone is everything.
    /// </param>
    /// <param name="clientName">The client's name. Its primary handler must be made by <see cref="CreateHandler"/>, or follow no redirects by itself.</param>
    /// <exception cref="FormatException">One of <paramref name="allowed"/> cannot be read.</exception>
    public OutgoingHttp(IHttpClientFactory factory, IEnumerable<string> allowed, string clientName = DefaultClientName)
    {
        Factory = factory;
        ClientName = clientName;
        _rules = [.. allowed.Select(HttpRule.Parse)];
    }

    internal IHttpClientFactory Factory { get; }

    internal string ClientName { get; }

    internal bool Allows(string scheme, string host, int port) => Array.Exists(_rules, rule => rule.Allows(scheme, host, port));

    /// <summary>
    /// A handler fit for guests: redirects, cookies and compressed contents are the guest's own business (a redirect that was followed
    /// here would leave the allow-list behind), and a guest's connect timeout is heeded.
    /// </summary>
    public static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        EnableMultipleHttp2Connections = true,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ConnectCallback = ConnectAsync,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        var limited = context.InitialRequestMessage.Options.TryGetValue(ConnectTimeoutKey, out var timeout);
        using var timer = limited ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken) : null;
        timer?.CancelAfter(timeout);
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, timer?.Token ?? cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new HttpGuestException(new HttpError(HttpErrorKind.ConnectionTimeout));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
