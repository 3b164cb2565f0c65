using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Windhover.Wasi.Sockets;

/// <summary>What WASI asks of addresses before the operating system sees them.</summary>
internal static class Addresses
{
    /// <summary>Whether a socket of <paramref name="family"/> may bind to the address: right family, unicast, not IPv4 in disguise.</summary>
    public static bool IsBindable(IPEndPoint address, AddressFamily family) =>
        address.AddressFamily == family && !address.Address.IsIPv4MappedToIPv6 && IsUnicast(address.Address);

    /// <summary>As <see cref="IsBindable"/>, and with a definite host and port.</summary>
    public static bool IsRemote(IPEndPoint address, AddressFamily family) =>
        IsBindable(address, family) && address.Port != 0 && !address.Address.Equals(IPAddress.Any) && !address.Address.Equals(IPAddress.IPv6Any);

    /// <summary>Any local address, and a port of the system's choice.</summary>
    public static IPEndPoint Unspecified(AddressFamily family) => new(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);

    /// <summary>The IPv6 address of eight groups.</summary>
    public static IPAddress FromGroups(ReadOnlySpan<ushort> groups, uint scope)
    {
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < groups.Length; i++)
            BinaryPrimitives.WriteUInt16BigEndian(bytes[(2 * i)..], groups[i]);
        return new IPAddress(bytes, scope);
    }

    /// <summary>The eight groups of an IPv6 address.</summary>
    public static void ToGroups(IPAddress address, Span<ushort> groups)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        for (var i = 0; i < groups.Length; i++)
            groups[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 * i)..]);
    }

    private static bool IsUnicast(IPAddress address)
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
            return !address.IsIPv6Multicast;
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return bytes[0] is < 224 or > 239 && !address.Equals(IPAddress.Broadcast);
    }
}
