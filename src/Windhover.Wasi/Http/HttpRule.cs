using System.Globalization;
using System.Net;
using Windhover.Wasi.Network;

namespace Windhover.Wasi.Http;

/// <summary>One line of an <see cref="OutgoingHttp"/> allow-list.</summary>
internal sealed class HttpRule
{
    private const string Localhost = "localhost";

    private readonly string? _scheme;
    private readonly string? _host;
    private readonly bool _below;
    private readonly int? _port;
    private readonly bool _anyPort;
    private readonly IPNetwork[] _networks;

    private HttpRule(string? scheme, string? host, bool below, int? port, bool anyPort, IPNetwork[] networks)
    {
        _networks = networks;
        _scheme = scheme;
        _host = host;
        _below = below;
        _port = port;
        _anyPort = anyPort;
    }

    public bool Allows(string scheme, string host, int port)
    {
        if (!IsFor(scheme, port))
            return false;
        if (_host is null)
            return true;
        if (IPAddress.TryParse(Bare(host), out var address) && _networks.Length > 0)
            return HasAddress(PublicAddresses.Plain(address));
        // "example.com." names the same host.
        var name = host.EndsWith('.') ? host[..^1] : host;
        return _below
            ? name.Length > _host.Length && name.EndsWith(_host, StringComparison.OrdinalIgnoreCase)
            : string.Equals(name, _host, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether the rule names an address, and so allows to connect to it although it is not public; for <c>localhost</c>, under that name only.</summary>
    public bool GrantsAddress(string scheme, string host, IPAddress address, int port) =>
        _networks.Length > 0 && IsFor(scheme, port) && HasAddress(address) && (_host != Localhost || Allows(scheme, host, port));

    private bool IsFor(string scheme, int port) =>
        (_scheme is null || _scheme == scheme) && (_anyPort || port == (_port ?? (scheme == "https" ? 443 : 80)));

    private bool HasAddress(IPAddress address) =>
        Array.Exists(_networks, network => network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address));

    private static string Bare(string host) => host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;

    private static IPNetwork[] NetworksOf(string host) => host switch
    {
        Localhost => [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")],
        _ when IPAddress.TryParse(Bare(host), out var address) => [new IPNetwork(address, address.GetAddressBytes().Length * 8)],
        _ => IPNetwork.TryParse(Bare(host), out var network) ? [network] : [],
    };

    /// <summary>Reads <c>[scheme://]host[:port]</c>; without a scheme it is for both, and <c>*</c> alone is everything.</summary>
    /// <exception cref="FormatException">The text is not a rule; the message says why.</exception>
    public static HttpRule Parse(string text)
    {
        var at = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = at < 0 ? "*" : text[..at].ToLowerInvariant();
        if (scheme is not ("http" or "https" or "*"))
            throw Malformed(text, $"'{scheme}' is none of http, https, *");
        var rest = text == "*" ? "*:*" : text[(at < 0 ? 0 : at + 3)..];
        if (rest.EndsWith('/'))
            rest = rest[..^1];

        var anyPort = rest.EndsWith(":*", StringComparison.Ordinal);
        int? port = null;
        if (anyPort)
        {
            rest = rest[..^2];
        }
        else if (rest.LastIndexOf(':') is >= 0 and var colon && colon > rest.LastIndexOf(']'))
        {
            if (!ushort.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                throw Malformed(text, $"'{rest[(colon + 1)..]}' is not a port; paths cannot be told apart");
            port = number;
            rest = rest[..colon];
        }

        var below = rest.StartsWith("*.", StringComparison.Ordinal);
        var name = below ? rest[2..] : rest;
        var networks = NetworksOf(name);
        if (rest != "*" && networks.Length == 0 && Uri.CheckHostName(name) is UriHostNameType.Unknown or UriHostNameType.Basic)
            throw Malformed(text, $"'{rest}' is not a host");
        return new HttpRule(scheme == "*" ? null : scheme, rest == "*" ? null : below ? "." + name : name, below, port, anyPort, networks);
    }

    private static FormatException Malformed(string rule, string why) => new($"The HTTP rule '{rule}' cannot be read: {why}.");
}
