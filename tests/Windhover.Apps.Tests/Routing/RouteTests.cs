using CsCheck;
using Windhover.Apps.Routing;

namespace Windhover.Apps.Tests.Routing;

public sealed class RouteTests
{
    [Theory]
    [InlineData("/users/me", "me")]
    [InlineData("/users/7", "user")]
    [InlineData("/users/7/", "user")]
    [InlineData("/users/7/posts", "posts")]
    [InlineData("/users/me/posts", "posts")]
    [InlineData("/users/7/likes", "rest")]
    [InlineData("/users", "rest")]
    [InlineData("/", "rest")]
    [InlineData("/files", "files")]
    [InlineData("/files/a/b/c", "files")]
    public void A_literal_precedes_a_parameter_and_that_the_rest(string path, string expected)
    {
        RouteTable<string> table = Table("/{**all}=rest", "/users/{id}=user", "/users/me=me", "/users/{id}/posts=posts", "/files/{**path}=files");
        Assert.Equal(expected, table.Match("any.example", path));
    }

    [Fact]
    public void A_path_without_a_route_has_none() => Assert.Null(Table("/a=a", "/b/{c}=c").Match("x", "/b"));

    [Theory]
    [InlineData("shop.example.com", "/a", "exact")]
    [InlineData("SHOP.example.com", "/a", "exact")]
    [InlineData("eu.shop.example.com", "/a", "longest")]
    [InlineData("blog.example.com", "/a", "below")]
    [InlineData("example.com", "/a", "any")]
    [InlineData("shop.example.com", "/b", "below-b")]
    [InlineData("shop.example.com", "/c", "any-c")]
    public void The_more_exact_host_comes_first_and_what_it_lacks_is_looked_for_further_on(string host, string path, string expected)
    {
        RouteTable<string> table = Table(
            "/a=any", "/c=any-c", "*.example.com/a=below", "*.example.com/b=below-b", "*.shop.example.com/a=longest", "shop.example.com/a=exact");
        Assert.Equal(expected, table.Match(host, path));
    }

    [Theory]
    [InlineData("/users/{id}/posts/{post}", "/users/7/posts/8", "7,8")]
    [InlineData("/files/{**path}", "/files/a/b", "a/b")]
    [InlineData("/files/{**path}", "/files", "")]
    [InlineData("/{x}", "/a b", "a b")]
    public void Parameters_are_taken_from_the_path(string route, string path, string expected) =>
        Assert.Equal(expected, string.Join(',', RoutePattern.Parse(null, route).Extract(path)));

    [Theory]
    [InlineData("users", "does not begin with /")]
    [InlineData("/a//b", "empty segment")]
    [InlineData("/{**rest}/a", "not at the end")]
    [InlineData("/{id}/{id}", "stands twice")]
    [InlineData("/a{id}", "mixes text and a parameter")]
    [InlineData("/{}", "is no parameter")]
    [InlineData("/{9a}", "is no parameter")]
    public void A_route_that_cannot_be_read_says_why(string route, string why) =>
        Assert.Contains(why, Assert.Throws<RouteFormatException>(() => RoutePattern.Parse(null, route)).Message, StringComparison.Ordinal);

    /// <summary>Against the definition, tried route by route: of those that match, the one whose segments are first literal, then parameter, then rest.</summary>
    [Fact]
    public void The_table_agrees_with_the_definition()
    {
        Gen<string> segment = Gen.Int[0, 3].Select(i => new[] { "a", "b", "{x}", "{y}" }[i]);
        Gen<string> route = Gen.Select(segment.Array[0, 4], Gen.Bool, (s, rest) => "/" + string.Join('/', s.Select((t, i) => t[0] == '{' ? $"{{p{i}}}" : t).Concat(rest ? ["{**r}"] : [])));
        Gen<string> path = Gen.Int[0, 2].Select(i => new[] { "a", "b", "c" }[i]).Array[0, 5].Select(s => "/" + string.Join('/', s));
        Gen.Select(route.Array[1, 8], path).Sample((routes, p) =>
        {
            RoutePattern[] patterns = [.. routes.Select(r => RoutePattern.Parse(null, r)).DistinctBy(r => r.Shape)];
            var table = new RouteTable<RoutePattern>(patterns.Select(r => (r, r)));
            RoutePattern? expected = patterns.Where(r => Matches(r, p)).OrderBy(Rank, StringComparer.Ordinal).FirstOrDefault();
            return ReferenceEquals(expected, table.Match("h", p));
        });

        static string[] Split(string text) => text.Trim('/').Split('/', StringSplitOptions.RemoveEmptyEntries);

        static bool Matches(RoutePattern pattern, string path)
        {
            string[] parts = Split(path);
            bool rest = pattern.Segments is [.., { Kind: RoutePattern.SegmentKind.Rest }];
            int count = pattern.Segments.Length - (rest ? 1 : 0);
            return (rest ? parts.Length >= count : parts.Length == count)
                && pattern.Segments.Take(count).Zip(parts).All(z => z.First.Kind == RoutePattern.SegmentKind.Parameter || z.First.Text == z.Second);
        }

        // Compared from the left; where one ends and the other has a rest, the end is more exact.
        static string Rank(RoutePattern pattern) => string.Concat(pattern.Segments.Select(s => s.Kind switch
        {
            RoutePattern.SegmentKind.Literal => '1',
            RoutePattern.SegmentKind.Parameter => '2',
            _ => '3',
        }));
    }

    private static RouteTable<string> Table(params string[] routes) => new(routes.Select(r =>
    {
        string[] parts = r.Split('=');
        int slash = parts[0].IndexOf('/', StringComparison.Ordinal);
        return (RoutePattern.Parse(slash == 0 ? null : parts[0][..slash], parts[0][slash..]), parts[1]);
    }));
}
