using System.Buffers;
using System.Collections.Frozen;

namespace Windhover.Wasi.Http;

/// <summary>Which field names and values are well formed (RFC 9110, 5.1 and 5.5), and which names are the host's own business.</summary>
internal static class FieldSyntax
{
    // RFC 9110, 5.6.2: token = 1*tchar
    private static readonly SearchValues<char> s_token =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // VCHAR, obs-text, space and tab: everything but control characters.
    private static readonly SearchValues<byte> s_valueBytes =
        SearchValues.Create([(byte)'\t', .. Enumerable.Range(0x20, 0x5f).Select(b => (byte)b), .. Enumerable.Range(0x80, 0x80).Select(b => (byte)b)]);

    // They steer the connection between host and peer, of which the guest sees only messages. The same list as other hosts have.
    private static readonly FrozenSet<string> s_forbidden = new[]
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "transfer-encoding", "upgrade", "host", "http2-settings",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsToken(ReadOnlySpan<char> name) => name.Length > 0 && !name.ContainsAnyExcept(s_token);

    public static bool IsForbidden(string name) => s_forbidden.Contains(name);

    public static bool IsValue(ReadOnlySpan<byte> value) => !value.ContainsAnyExcept(s_valueBytes);

    /// <summary>Checks what a guest puts into a field.</summary>
    public static HeaderError? Check(string name, ReadOnlySpan<byte> value)
    {
        if (CheckName(name) is { } error)
            return error;
        if (!IsValue(value))
            return HeaderError.InvalidSyntax;
        // The host itself acts on this one: 1*DIGIT, nothing else.
        if (name.Equals("content-length", StringComparison.OrdinalIgnoreCase)
            && (value.Length is 0 or > 19 || value.ContainsAnyExceptInRange((byte)'0', (byte)'9')))
            return HeaderError.InvalidSyntax;
        return null;
    }

    /// <summary>Checks the name of a field that a guest changes.</summary>
    public static HeaderError? CheckName(string name)
    {
        if (!IsToken(name))
            return HeaderError.InvalidSyntax;
        return IsForbidden(name) ? HeaderError.Forbidden : null;
    }
}
