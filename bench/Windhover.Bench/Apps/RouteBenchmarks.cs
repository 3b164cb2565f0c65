using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Windhover.Apps.Routing;

namespace Windhover.Bench.Apps;

/// <summary>Finding the route of a request among 10 apps and among 10,000, one route each: a host of its own, or a path. Ten of them are asked, in turn.</summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class RouteBenchmarks
{
    private const int Hot = 10;

    private readonly RouteTable<string> _hosts = ByHost(Hot), _manyHosts = ByHost(10_000), _paths = ByPath(Hot), _manyPaths = ByPath(10_000);
    private readonly (string Host, string Path)[] _byHost = [.. Enumerable.Range(0, Hot).Select(i => ($"app-{i}.test", "/orders/17"))];
    private readonly (string Host, string Path)[] _byPath = [.. Enumerable.Range(0, Hot).Select(i => ("example.com", $"/app-{i}/orders/17"))];
    private int _turn;

    [Benchmark(Baseline = true, Description = "by host, 10 apps"), BenchmarkCategory("host")]
    public void Hosts() => Match(_hosts, _byHost);

    [Benchmark(Description = "by host, 10,000 apps"), BenchmarkCategory("host")]
    public void ManyHosts() => Match(_manyHosts, _byHost);

    [Benchmark(Baseline = true, Description = "by path, 10 apps"), BenchmarkCategory("path")]
    public void Paths() => Match(_paths, _byPath);

    [Benchmark(Description = "by path, 10,000 apps"), BenchmarkCategory("path")]
    public void ManyPaths() => Match(_manyPaths, _byPath);

    private void Match(RouteTable<string> table, (string Host, string Path)[] requests)
    {
        (string host, string path) = requests[_turn = (_turn + 1) % Hot];
        if (table.Match(host, path) is null)
            throw new InvalidOperationException("The route was not found.");
    }

    private static RouteTable<string> ByHost(int apps) => new(Enumerable.Range(0, apps).Select(i => (RoutePattern.Parse($"app-{i}.test", "/{**path}"), $"app-{i}")));

    private static RouteTable<string> ByPath(int apps) => new(Enumerable.Range(0, apps).Select(i => (RoutePattern.Parse(null, $"/app-{i}/{{**path}}"), $"app-{i}")));
}
