using Windhover.Apps.Routing;

namespace Windhover.Apps.Spin;

/// <summary>Routes as Spin writes them (<c>/users/:id</c>, <c>/files/...</c>) and as they are here.</summary>
internal static class SpinRoute
{
    /// <summary>The name that stands for Spin's nameless rest.</summary>
    public const string Rest = "rest";

    /// <exception cref="RouteFormatException">It cannot be read.</exception>
    public static RoutePattern Parse(string route)
    {
        string[] parts = [.. route.Split('/').Select(part => part switch
        {
            "..." => "{**" + Rest + "}",
            [':', .. string name] => "{" + name + "}",
            _ => part,
        })];
        return RoutePattern.Parse(null, string.Join('/', parts));
    }

    public static string ToSpin(RoutePattern route) => route.Segments.IsEmpty
        ? "/"
        : string.Concat(route.Segments.Select(s => s.Kind switch
        {
            RoutePattern.SegmentKind.Literal => "/" + s.Text,
            RoutePattern.SegmentKind.Parameter => "/:" + s.Text,
            _ => "/...",
        }));
}
