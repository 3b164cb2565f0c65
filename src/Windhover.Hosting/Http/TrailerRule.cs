using System.Collections.Frozen;

namespace Windhover.Hosting.Http;

/// <summary>Which fields may follow the content (RFC 9110, 6.5.1): none that say how to read it, or that come too late to be heeded.</summary>
internal static class TrailerRule
{
    private static readonly FrozenSet<string> s_forbidden = new[]
    {
        "authorization", "cache-control", "content-encoding", "content-length", "content-range", "content-type", "set-cookie", "te", "trailer",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsAllowed(string name) => !s_forbidden.Contains(name);
}
