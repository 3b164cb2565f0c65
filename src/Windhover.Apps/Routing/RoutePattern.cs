using System.Collections.Immutable;

namespace Windhover.Apps.Routing;

/// <summary>A route cannot be read.</summary>
internal sealed class RouteFormatException(string message, bool inHost = false) : FormatException(message)
{
    public bool InHost { get; } = inHost;
}

// A route: host and path.
//
//   host   shop.example.com    that host                path   /users/me       literally
//          *.example.com       all below                       /users/{id}     one segment, not empty
//          (none)              any                             /files/{**path} the rest, also nothing; only at the end
//
// Which of several routes serves a request: the more exact host first (a host, then the longest *.suffix, then any), then segment by segment from the
// left a literal before a parameter before the rest. A slash at the end of a request's path does not count.
internal sealed class RoutePattern
{
    private RoutePattern(string? host, string path, ImmutableArray<Segment> segments)
    {
        Host = host;
        Path = path;
        Segments = segments;
        Names = [.. segments.Where(s => s.Kind != SegmentKind.Literal).Select(s => s.Text)];
        BasePath = string.Concat(segments.TakeWhile(s => s.Kind == SegmentKind.Literal).Select(s => "/" + s.Text));
        Shape = host + string.Concat(segments.Select(s => s.Kind switch
        {
            SegmentKind.Literal => "/" + s.Text,
            SegmentKind.Parameter => "/{}",
            _ => "/{**}",
        }));
    }

    public enum SegmentKind
    {
        Literal,
        Parameter,
        Rest,
    }

    /// <summary>In lower case; begins with <c>*.</c> for all below; null for any.</summary>
    public string? Host { get; }

    public string Path { get; }

    public ImmutableArray<Segment> Segments { get; }

    /// <summary>The names of the parameters, in order.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The literal segments at the start; empty when there is none.</summary>
    public string BasePath { get; }

    /// <summary>What two routes have in common that match the same requests.</summary>
    public string Shape { get; }

    /// <exception cref="RouteFormatException">It cannot be read.</exception>
    public static RoutePattern Parse(string? host, string path)
    {
        if (path.Length == 0 || path[0] != '/')
            throw new RouteFormatException($"the route `{path}` does not begin with /");
        string[] parts = path.Length == 1 ? [] : path[1..].TrimEnd('/').Split('/');
        var segments = ImmutableArray.CreateBuilder<Segment>(parts.Length);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (int i = 0; i < parts.Length; i++)
        {
            Segment segment = ParseSegment(path, parts[i]);
            if (segment.Kind == SegmentKind.Rest && i + 1 < parts.Length)
                throw new RouteFormatException($"in the route `{path}`, {{**{segment.Text}}} is not at the end");
            if (segment.Kind != SegmentKind.Literal && !names.Add(segment.Text))
                throw new RouteFormatException($"in the route `{path}`, {{{segment.Text}}} stands twice");
            segments.Add(segment);
        }

        return new RoutePattern(ParseHost(host), path, segments.ToImmutable());
    }

    /// <summary>The values of the parameters in a path that matched; the rest without its first slash.</summary>
    public string[] Extract(string path)
    {
        if (Names.Length == 0)
            return [];
        var values = new string[Names.Length];
        int at = 0, found = 0;
        foreach (Segment segment in Segments)
        {
            int start = at < path.Length ? at + 1 : path.Length;
            if (segment.Kind == SegmentKind.Rest)
            {
                values[found++] = path[start..];
                break;
            }

            int end = path.IndexOf('/', start);
            end = end < 0 ? path.Length : end;
            if (segment.Kind == SegmentKind.Parameter)
                values[found++] = path[start..end];
            at = end;
        }

        return values;
    }

    public override string ToString() => Host + Path;

    private static Segment ParseSegment(string path, string text)
    {
        if (text.Length == 0)
            throw new RouteFormatException($"the route `{path}` has an empty segment");
        if (text[0] != '{' && !text.Contains('{', StringComparison.Ordinal) && !text.Contains('}', StringComparison.Ordinal))
            return new Segment(SegmentKind.Literal, Uri.UnescapeDataString(text));
        if (text[0] != '{' || text[^1] != '}')
            throw new RouteFormatException($"in the route `{path}`, `{text}` mixes text and a parameter: a parameter is a whole segment");
        string name = text[1..^1];
        bool isRest = name.StartsWith("**", StringComparison.Ordinal);
        if (isRest)
            name = name[2..];
        if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
            throw new RouteFormatException($"in the route `{path}`, `{text}` is no parameter: a name of letters, digits, _ and -, a letter first");
        return new Segment(isRest ? SegmentKind.Rest : SegmentKind.Parameter, name);
    }

    private static string? ParseHost(string? host)
    {
        if (host is null)
            return null;
        string name = host.StartsWith("*.", StringComparison.Ordinal) ? host[2..] : host;
        if (Uri.CheckHostName(name) is UriHostNameType.Unknown or UriHostNameType.Basic)
            throw new RouteFormatException($"`{host}` is no host: a name or address without port, or *. and a name", inHost: true);
        return host.ToLowerInvariant();
    }

    public readonly record struct Segment(SegmentKind Kind, string Text);
}
