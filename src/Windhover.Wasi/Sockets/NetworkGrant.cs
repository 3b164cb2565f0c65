using System.Collections.Concurrent;
using System.Net;
using Windhover.Wasi.Network;

namespace Windhover.Wasi.Sockets;

/// <summary>
/// A policy as it applies to one guest: it also knows which addresses the guest got by looking up names that it may reach. So a rule about a name
/// holds whatever the name resolves to at the time, and the guest cannot use the name to reach an address that only its own resolver gave.
/// </summary>
internal sealed partial class NetworkGrant(NetworkPolicy policy)
{
    private readonly ConcurrentDictionary<(IPAddress Address, NetworkRule Rule), bool> _resolved = new();

    /// <summary>Whether the guest may use <paramref name="address"/> so.</summary>
    public bool Allows(NetworkUse use, IPEndPoint address)
    {
        foreach (var rule in policy.Rules)
        {
            if ((rule.Uses & use) != 0 && rule.HasPort(address.Port)
                && (rule.HasAddress(use, address.Address)
                    || (rule.Name is not null && _resolved.ContainsKey((Plain(address.Address), rule)) && PublicAddresses.Contains(address.Address))))
                return true;
        }
        return false;
    }

    /// <summary>Whether some rule is about such a use at all.</summary>
    public bool AllowsSome(NetworkUse use) => policy.Rules.Any(rule => (rule.Uses & use) != 0);

    /// <summary>Whether the guest may look up <paramref name="name"/>.</summary>
    public bool AllowsLookup(string name) =>
        policy.Rules.Any(rule => rule.AnyHost || string.Equals(rule.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The guest looked up <paramref name="name"/> and got <paramref name="addresses"/>.</summary>
    public void Resolved(string name, IEnumerable<IPAddress> addresses)
    {
        foreach (var rule in policy.Rules)
        {
            if (!string.Equals(rule.Name, name, StringComparison.OrdinalIgnoreCase))
                continue;
            foreach (var address in addresses)
                _resolved[(Plain(address), rule)] = true;
        }
    }

    // Without the scope, which a guest may leave out.
    private static IPAddress Plain(IPAddress address) => new(address.GetAddressBytes());
}
