using System.Net;
using Windhover.Wasi.Network;

namespace Windhover.Wasi.Http;

/// <summary>
/// The right to make HTTP requests to certain places: <c>wasi:http/outgoing-handler</c>. Requests go through an <see cref="IHttpClientFactory"/>, so its handlers (retries,
/// telemetry, proxies) apply to guests as to the rest of the application.
/// </summary>
public sealed class OutgoingHttp
{
    /// <summary>The name of the client that <see cref="OutgoingHttpExtensions.AddGuestHttpClient"/> registers.</summary>
    public const string DefaultClientName = "Windhover.Guest";

    /// <summary>Under it a message carries <see cref="WasiContext.Caller"/> of the guest that sends it.</summary>
    public static readonly HttpRequestOptionsKey<object> CallerKey = new("Windhover.Caller");

    internal static readonly HttpRequestOptionsKey<OutgoingHttp> GrantKey = new("Windhover.Grant");

    internal static readonly HttpRequestOptionsKey<TimeSpan> ConnectTimeoutKey = new("Windhover.ConnectTimeout");

    private readonly HttpRule[] _rules;

    /// <summary>Grants requests to what <paramref name="allowed"/> names.</summary>
    /// <param name="factory">Makes the client.</param>
    /// <param name="allowed">
    /// Each is <c>[scheme://]host[:port]</c>. Scheme: <c>http</c>, <c>https</c> or <c>*</c>, as it is without one. Host: a name or address; <c>*.example.com</c> for all names below a domain; <c>*</c> for all.
    /// Port: a number or <c>*</c>; without one, the scheme's own. <c>*</c> alone is everything public.
    /// Addresses that are not public (loopback, private, link-local, metadata …) are reached only by a rule that names them: an address, a network such as
    /// <c>http://10.0.0.0/8:8080</c>, or <c>localhost</c>. A name that resolves to one is refused unless such a rule is there too.
    /// </param>
    /// <param name="clientName">The client's name. Its primary handler must be made by <see cref="CreateHandler"/>: that is where addresses are checked.</param>
    /// <exception cref="FormatException">One of <paramref name="allowed"/> cannot be read.</exception>
    public OutgoingHttp(IHttpClientFactory factory, IEnumerable<string> allowed, string clientName = DefaultClientName)
    {
        Factory = factory;
        ClientName = clientName;
        _rules = [.. allowed.Select(HttpRule.Parse)];
    }

    /// <summary>Answers requests to some hosts within the process; null: all go through the client. The allow-list holds for both.</summary>
    public ILocalHttp? Local { get; init; }

    internal IHttpClientFactory Factory { get; }

    internal string ClientName { get; }

    internal ILocalHttp? LocalTo(string host) => Local is { } local && local.Serves(host) ? local : null;

    /// <summary>Whether a request may be sent there, by scheme (<c>http</c>, <c>https</c>), host and port. Addresses that are not public are checked beyond that when a connection is made.</summary>
    public bool Allows(string scheme, string host, int port) => Array.Exists(_rules, rule => rule.Allows(scheme, host, port));

    /// <summary>Whether a connection for what <see cref="Allows"/> allowed may go to an address.</summary>
    internal bool AllowsAddress(string scheme, string host, IPAddress address, int port) =>
        PublicAddresses.Contains(address) || Array.Exists(_rules, rule => rule.GrantsAddress(scheme, host, PublicAddresses.Plain(address), port));

    /// <summary>The addresses of a host; an address is its own.</summary>
    internal async ValueTask<IPAddress[]> ResolveAsync(string host, CancellationToken cancellationToken) =>
        IPAddress.TryParse(host, out var address) ? [address] : await Resolver(host, cancellationToken).ConfigureAwait(false);

    /// <summary>Looks names up: the system's resolver.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolver { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>
    /// A handler fit for guests: it connects to addresses that the grant allows and nowhere else. Redirects, cookies and compressed contents are the guest's own
    /// business (a redirect that was followed here would leave the allow-list behind), and a guest's connect timeout is heeded.
    /// </summary>
    public static HttpMessageHandler CreateHandler() => new GuestHandler();
}
