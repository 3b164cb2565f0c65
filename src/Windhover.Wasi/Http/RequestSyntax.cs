using System.Buffers;
using System.Globalization;

namespace Windhover.Wasi.Http;

/// <summary>Which parts of a request's target are well formed (RFC 3986, 9110).</summary>
internal static class RequestSyntax
{
    private const int MaxTarget = 64 * 1024;

    private static readonly SearchValues<char> s_scheme = SearchValues.Create("+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // unreserved, sub-delims and percent: what a registered name or user information is made of.
    private static readonly SearchValues<char> s_name =
        SearchValues.Create("-._~!$&'()*+,;=%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static bool IsMethod(string method) => FieldSyntax.IsToken(method);

    public static bool IsScheme(string scheme) => scheme.Length > 0 && char.IsAsciiLetter(scheme[0]) && !scheme.AsSpan().ContainsAnyExcept(s_scheme);

    /// <summary>No space, control character or fragment. Characters beyond ASCII do occur and are sent as UTF-8.</summary>
    public static bool IsPathWithQuery(string path)
    {
        if (path.Length > MaxTarget)
            return false;
        foreach (var c in path)
        {
            if (c <= ' ' || c == '#' || c == 0x7f)
                return false;
        }
        return true;
    }

    /// <summary><c>[user@]host[:port]</c>, the host not empty.</summary>
    public static bool IsAuthority(string authority) => TrySplitAuthority(authority, out _, out _);

    /// <summary>Splits <c>[user@]host[:port]</c>.</summary>
    /// <param name="authority">The text.</param>
    /// <param name="host">The host; an IPv6 address keeps its brackets.</param>
    /// <param name="port">The port, or null.</param>
    public static bool TrySplitAuthority(string authority, out string host, out int? port)
    {
        host = "";
        port = null;
        if (authority.Length is 0 or > 1024)
            return false;
        var rest = authority.AsSpan();
        var at = rest.LastIndexOf('@');
        if (at >= 0)
        {
            foreach (var c in rest[..at])
            {
                if (c != ':' && !s_name.Contains(c))
                    return false;
            }
            rest = rest[(at + 1)..];
        }

        var bracket = rest.LastIndexOf(']');
        var colon = rest.LastIndexOf(':');
        if (colon > bracket)
        {
            if (!ushort.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return false;
            port = number;
            rest = rest[..colon];
        }
        host = rest.ToString();
        if (rest.StartsWith("["))
            return rest.EndsWith("]") && Uri.CheckHostName(host) == UriHostNameType.IPv6;
        return rest.Length > 0 && !rest.ContainsAnyExcept(s_name);
    }
}
