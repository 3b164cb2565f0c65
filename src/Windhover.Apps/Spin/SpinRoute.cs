using Windhover.Apps.Routing;

namespace Windhover.Apps.Spin;

/// <summary>Routes as Spin writes them (<c>/users/:id</c>, <c>/files/...</c>) and as they are here.</summary>
internal static class SpinRoute
{
    /// <summary>The name that stands for Spin's nameless rest.</summary>
    public const string Rest = "rest";

    /// <param name="below">The path that all routes lie below; empty, or with a slash before it.</param>
    /// <param name="route">As the manifest has it.</param>
    /// <exception cref="RouteFormatException">It cannot be read.</exception>
    public static RoutePattern Parse(string below, string route)
    {
        if (!route.StartsWith('/'))
            throw new RouteFormatException($"the route `{route}` does not begin with /");
        string[] parts = [.. route.Split('/').Select(part => part switch
        {
            "..." => "{**" + Rest + "}",
            [':', .. string name] => "{" + name + "}",
            _ => part,
        })];
        return RoutePattern.Parse(null, below + string.Join('/', parts));
    }

    /// <param name="route">The route.</param>
    /// <param name="without">How many segments to leave out at its start.</param>
    public static string ToSpin(RoutePattern route, int without = 0) => route.Segments.Length <= without
        ? "/"
        : string.Concat(route.Segments.Skip(without).Select(s => s.Kind switch
        {
            RoutePattern.SegmentKind.Literal => "/" + s.Text,
            RoutePattern.SegmentKind.Parameter => "/:" + s.Text,
            _ => "/...",
        }));
}
