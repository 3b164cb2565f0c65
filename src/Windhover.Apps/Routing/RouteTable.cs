using System.Collections.Frozen;
using System.Runtime.InteropServices;

namespace Windhover.Apps.Routing;

// All routes of a server, as a tree of segments for each host; RoutePattern.cs states the precedence. Built whole whenever an app comes, goes or
// changes (some 10 ms for 10,000 routes), and swapped in one write: a request sees one table from beginning to end. Matching allocates nothing.
// Going back happens only between the branches of one node, and each node is visited once at most.
internal sealed class RouteTable<T>
    where T : class
{
    private readonly FrozenDictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly (string Suffix, Node Root)[] _below;
    private readonly Node? _any;

    public RouteTable(IEnumerable<(RoutePattern Pattern, T Target)> routes)
    {
        var exact = new Dictionary<string, Node>(StringComparer.OrdinalIgnoreCase);
        var below = new Dictionary<string, Node>(StringComparer.OrdinalIgnoreCase);
        foreach ((RoutePattern pattern, T target) in routes)
        {
            Node root = pattern.Host switch
            {
                null => _any ??= new Node(),
                ['*', .. string suffix] => CollectionsMarshal.GetValueRefOrAddDefault(below, suffix, out _) ??= new Node(),
                _ => CollectionsMarshal.GetValueRefOrAddDefault(exact, pattern.Host, out _) ??= new Node(),
            };
            root.Add(pattern, target);
        }

        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _below = [.. below.Select(p => (p.Key, p.Value)).OrderByDescending(p => p.Key.Length)];
    }

    /// <summary>Finds the route of a request.</summary>
    /// <param name="host">The host without its port.</param>
    /// <param name="path">The path, decoded.</param>
    public T? Match(ReadOnlySpan<char> host, ReadOnlySpan<char> path)
    {
        if (path.Length > 1 && path[^1] == '/')
            path = path[..^1];
        if (_exact.Dictionary.Count > 0 && _exact.TryGetValue(host, out Node? exact) && exact.Match(path) is { } found)
            return found;
        foreach ((string suffix, Node root) in _below)
        {
            if (host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && root.Match(path) is { } below)
                return below;
        }

        return _any?.Match(path);
    }

    private sealed class Node
    {
        private Dictionary<string, Node>? _literals;
        private Dictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> _lookup;
        private Node? _parameter;
        private T? _rest;
        private T? _end;

        public void Add(RoutePattern pattern, T target)
        {
            Node at = this;
            foreach (RoutePattern.Segment segment in pattern.Segments)
            {
                switch (segment.Kind)
                {
                    case RoutePattern.SegmentKind.Rest:
                        at._rest ??= target;
                        return;
                    case RoutePattern.SegmentKind.Parameter:
                        at = at._parameter ??= new Node();
                        break;
                    default:
                        at = at.Literal(segment.Text);
                        break;
                }
            }

            at._end ??= target;
        }

        /// <summary><paramref name="path"/> is empty or begins with a slash.</summary>
        public T? Match(ReadOnlySpan<char> path)
        {
            if (path.Length <= 1)
                return _end ?? _rest;
            int end = path[1..].IndexOf('/');
            ReadOnlySpan<char> segment = end < 0 ? path[1..] : path.Slice(1, end);
            ReadOnlySpan<char> rest = end < 0 ? default : path[(end + 1)..];
            if (_literals is not null && _lookup.TryGetValue(segment, out Node? literal) && literal.Match(rest) is { } found)
                return found;
            if (segment.Length > 0 && _parameter?.Match(rest) is { } parameter)
                return parameter;
            return _rest;
        }

        private Node Literal(string text)
        {
            if (_literals is null)
            {
                _literals = new Dictionary<string, Node>(StringComparer.Ordinal);
                _lookup = _literals.GetAlternateLookup<ReadOnlySpan<char>>();
            }

            return CollectionsMarshal.GetValueRefOrAddDefault(_literals, text, out _) ??= new Node();
        }
    }
}
