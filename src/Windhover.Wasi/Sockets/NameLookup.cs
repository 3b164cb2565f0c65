using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Windhover.Wasi.Sockets;

/// <summary>Looking up host names: what is allowed, and the look-up itself, which waits on no thread that the guest needs.</summary>
internal static class NameLookup
{
    /// <summary>Decides about a name. An address is its own answer; anything else goes to the host's resolver, if the policy allows.</summary>
    /// <returns>One of both; <c>invalid-argument</c> for what is no host name; <c>access-denied</c> for a name that the guest may not look up.</returns>
    public static Result<(IPAddress? Address, string? Name), NetworkError> Parse(NetworkGrant network, string name)
    {
        var literal = name.StartsWith('[') && name.EndsWith(']') ? name[1..^1] : name;
        if (IPAddress.TryParse(literal, out var address) && Uri.CheckHostName(literal) is UriHostNameType.IPv4 or UriHostNameType.IPv6)
            return (Unmapped(address), null);

        string ascii;
        try
        {
            ascii = new IdnMapping().GetAscii(name);
        }
        catch (ArgumentException)
        {
            return NetworkError.InvalidArgument;
        }
        if (Uri.CheckHostName(ascii) != UriHostNameType.Dns)
            return NetworkError.InvalidArgument;
        return network.AllowsLookup(ascii) ? (null, ascii) : NetworkError.AccessDenied;
    }

    /// <summary>Looks a name up that <see cref="Parse"/> gave; the guest may then reach the addresses as the policy says of the name.</summary>
    /// <returns>At least one address, none of them IPv4 in disguise.</returns>
    /// <exception cref="Exception">There is none; see <see cref="ErrorOf"/>.</exception>
    public static async ValueTask<IPAddress[]> ResolveAsync(NetworkGrant network, string name, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        var plain = addresses.Select(Unmapped).Distinct().ToArray();
        if (plain.Length == 0)
            throw new SocketException((int)SocketError.HostNotFound);
        network.Resolved(name, plain);
        return plain;
    }

    /// <summary>Whether a look-up ended so because there is no answer.</summary>
    public static bool IsFailure(Exception exception) => exception is SocketException or ArgumentException or OperationCanceledException;

    /// <summary>What WASI calls it.</summary>
    public static NetworkError ErrorOf(Exception exception) => exception is ArgumentException ? NetworkError.NameUnresolvable : NetworkErrors.From(exception);

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
