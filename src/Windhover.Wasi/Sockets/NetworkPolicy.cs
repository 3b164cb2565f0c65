namespace Windhover.Wasi.Sockets;

/// <summary>Which addresses a guest's sockets and name look-ups may reach. What no rule allows is denied. Immutable.</summary>
public sealed class NetworkPolicy
{
    private NetworkPolicy(string[] lines)
    {
        Lines = lines;
        Rules = [.. lines.Select(NetworkRule.Parse)];
    }

    /// <summary>Nothing may be reached.</summary>
    public static NetworkPolicy None { get; } = new([]);

    /// <summary>Everything may be reached, the host's own network included.</summary>
    public static NetworkPolicy Unrestricted { get; } = Allow("any *:*", "any 0.0.0.0/0:*", "any [::/0]:*");

    /// <summary>The rules as they were given to <see cref="Allow"/>.</summary>
    public IReadOnlyList<string> Lines { get; }

    internal NetworkRule[] Rules { get; }

    /// <summary>Allows what at least one rule allows.</summary>
    /// <param name="rules">
    /// Each is <c>use host:port</c>. Use: <c>connect</c> (TCP to there), <c>listen</c> (TCP at that local address), <c>udp</c> (datagrams to and from there),
    /// <c>udp-listen</c> (datagrams from anyone at that local address) or <c>any</c>. Host: a name, an address (IPv6 in brackets), a network such as
    /// <c>10.0.0.0/8</c>, or <c>*</c>. Port: a number, a range <c>8000-8099</c>, or <c>*</c>. A name allows the look-up of that name and the
    /// addresses that it gave; <c>localhost</c> also the loopback addresses themselves. A name or <c>*</c> never leads to an address that is not public (loopback,
    /// private, link-local, metadata …): that takes a rule with the address or its network.
    /// </param>
    /// <exception cref="FormatException">A rule cannot be read.</exception>
    public static NetworkPolicy Allow(params IEnumerable<string> rules) => new([.. rules]);
}
