using System.Globalization;
using System.Net;
using Windhover.Wasi.Network;

namespace Windhover.Wasi.Sockets;

/// <summary>What a guest may do with an address.</summary>
[Flags]
internal enum NetworkUse
{
    None = 0,

    /// <summary>Open TCP connections to it.</summary>
    Connect = 1,

    /// <summary>Bind a TCP socket to it, and accept connections there.</summary>
    Listen = 2,

    /// <summary>Exchange datagrams with it.</summary>
    Udp = 4,

    /// <summary>Bind a UDP socket to it, and get datagrams from anyone there.</summary>
    UdpListen = 8,
}

/// <summary>One line of a <see cref="NetworkPolicy"/>.</summary>
internal sealed class NetworkRule
{
    private readonly IPNetwork[] _networks;
    private readonly int _firstPort;
    private readonly int _lastPort;

    private NetworkRule(NetworkUse uses, string? name, bool anyHost, IPNetwork[] networks, int firstPort, int lastPort)
    {
        Uses = uses;
        Name = name;
        AnyHost = anyHost;
        _networks = networks;
        _firstPort = firstPort;
        _lastPort = lastPort;
    }

    public NetworkUse Uses { get; }

    /// <summary>The host name that the rule is about; it must be looked up by the guest before its addresses are allowed.</summary>
    public string? Name { get; }

    /// <summary>Whether the rule is about every host.</summary>
    public bool AnyHost { get; }

    public bool HasPort(int port) => port >= _firstPort && port <= _lastPort;

    /// <summary>Whether the rule is about an address: that it names, or for any host a public one, or one of this machine's own to listen at.</summary>
    public bool HasAddress(NetworkUse use, IPAddress address)
    {
        if (AnyHost)
            return use is NetworkUse.Listen or NetworkUse.UdpListen || PublicAddresses.Contains(address);
        foreach (var network in _networks)
        {
            if (network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address))
                return true;
        }
        return false;
    }

    /// <summary>Reads <c>use host:port</c>.</summary>
    /// <exception cref="FormatException">The text is not a rule; the message says why.</exception>
    public static NetworkRule Parse(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length != 2)
            throw Malformed(text, "expected two words, as in 'connect db.example:5432'");
        var uses = parts[0] switch
        {
            "connect" => NetworkUse.Connect,
            "listen" => NetworkUse.Listen,
            "udp" => NetworkUse.Udp,
            "udp-listen" => NetworkUse.UdpListen,
            "any" => NetworkUse.Connect | NetworkUse.Listen | NetworkUse.Udp | NetworkUse.UdpListen,
            _ => throw Malformed(text, $"'{parts[0]}' is none of connect, listen, udp, udp-listen, any"),
        };

        var colon = parts[1].LastIndexOf(':');
        if (colon <= 0)
            throw Malformed(text, "a port is missing; ':*' means every port");
        var (first, last) = ParsePorts(text, parts[1][(colon + 1)..]);
        var host = parts[1][..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':'))
            throw Malformed(text, "an IPv6 address stands in brackets, as in 'connect [::1]:80'");

        if (host == "*")
            return new NetworkRule(uses, null, anyHost: true, [], first, last);
        if (host == "localhost")
            return new NetworkRule(uses, host, anyHost: false, [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("::1/128")], first, last);
        if (IPAddress.TryParse(host, out var address))
            return new NetworkRule(uses, null, anyHost: false, [new IPNetwork(address, address.GetAddressBytes().Length * 8)], first, last);
        if (host.Contains('/'))
        {
            return IPNetwork.TryParse(host, out var network)
                ? new NetworkRule(uses, null, anyHost: false, [network], first, last)
                : throw Malformed(text, $"'{host}' is not a network such as 10.0.0.0/8");
        }
        if (Uri.CheckHostName(host) != UriHostNameType.Dns)
            throw Malformed(text, $"'{host}' is neither an address, a network nor a host name");
        return new NetworkRule(uses, host, anyHost: false, [], first, last);
    }

    private static (int First, int Last) ParsePorts(string rule, string text)
    {
        if (text == "*")
            return (0, ushort.MaxValue);
        var dash = text.IndexOf('-');
        var first = dash < 0 ? text : text[..dash];
        var last = dash < 0 ? text : text[(dash + 1)..];
        if (!ushort.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var low)
            || !ushort.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var high) || low > high)
            throw Malformed(rule, $"'{text}' is not a port, a range such as 8000-8099, or '*'");
        return (low, high);
    }

    private static FormatException Malformed(string rule, string why) => new($"The network rule '{rule}' cannot be read: {why}.");
}
