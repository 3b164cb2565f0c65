using System.Net;
using System.Net.Sockets;

namespace Windhover.Wasi.Network;

// Which addresses lie outside: on the internet, where anyone could reach them without this host's help. All else may be the host itself, its neighbours,
// its cloud's metadata, or an IPv4 address in disguise, and is reached only by a rule that names the address or its network.
//
//   IPv4   everything but the special-purpose registry of IANA (RFC 6890 and its updates), multicast, and the reserved 240/4
//   IPv6   2000::/3 only, less what in it stands for something else: Teredo and other 2001::/23, documentation, 6to4
//   ::ffff:a.b.c.d is judged as a.b.c.d, which is where the system would connect to

/// <summary>Tells the addresses of the internet from those that need a grant of their own.</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] s_special4 =
    [
        .. Networks(
            "0.0.0.0/8", // this network; 0.0.0.0 itself connects to loopback
            "10.0.0.0/8", // private
            "100.64.0.0/10", // carrier-grade NAT, and metadata of Alibaba Cloud
            "127.0.0.0/8", // loopback
            "169.254.0.0/16", // link-local, and metadata of most clouds
            "172.16.0.0/12", // private
            "192.0.0.0/24", // protocol assignments, and metadata of Oracle Cloud
            "192.0.2.0/24", // documentation
            "192.88.99.0/24", // 6to4 relays
            "192.168.0.0/16", // private
            "198.18.0.0/15", // benchmarks
            "198.51.100.0/24", // documentation
            "203.0.113.0/24", // documentation
            "224.0.0.0/4", // multicast
            "240.0.0.0/4", // reserved, and broadcast
            "168.63.129.16/32"), // the host agent of Azure: public by number only
    ];

    private static readonly IPNetwork s_global6 = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] s_special6 =
    [
        .. Networks(
            "2001::/23", // protocol assignments: Teredo, ORCHID, benchmarks
            "2001:db8::/32", // documentation
            "2002::/16", // 6to4: an IPv4 address within
            "3fff::/20"), // documentation
    ];

    /// <summary>Whether the address needs no grant of its own.</summary>
    public static bool Contains(IPAddress address)
    {
        var plain = Plain(address);
        return plain.AddressFamily switch
        {
            AddressFamily.InterNetwork => !IsIn(s_special4, plain),
            AddressFamily.InterNetworkV6 => s_global6.Contains(plain) && !IsIn(s_special6, plain),
            _ => false,
        };
    }

    /// <summary>The address that is meant: without scope, and as IPv4 where it is mapped to IPv6.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0 ? new IPAddress(address.GetAddressBytes()) : address;
    }

    private static bool IsIn(IPNetwork[] networks, IPAddress address)
    {
        foreach (var network in networks)
        {
            if (network.Contains(address))
                return true;
        }

        return false;
    }

    private static IEnumerable<IPNetwork> Networks(params string[] networks) => networks.Select(IPNetwork.Parse);
}
