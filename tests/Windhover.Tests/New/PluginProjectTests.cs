using Windhover.Components.Bindings;
using Windhover.Plugins;
using Windhover.Tests.New.Acme.Shop.Log;
using Windhover.Tests.New.Acme.Shop.Rules;
using Windhover.Tests.Packaging;

namespace Windhover.Tests.New;

/// <summary>What <c>windhover new plugin</c> writes builds with the language's own tools, and runs in a typed host.</summary>
public sealed class PluginProjectTests
{
    private const int Calls = 2000, Lines = 1000;

    [Theory]
    [InlineData("c")]
    [InlineData("cpp")]
    [InlineData("rust")]
    [InlineData("go")]
    [InlineData("js")]
    [InlineData("assemblyscript")]
    public async Task A_project_builds_and_its_plug_in_runs_in_a_typed_host(string language)
    {
        string folder = Directory.CreateTempSubdirectory("windhover-new").FullName;
        try
        {
            await CheckAsync(language, Path.Combine(folder, "new"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CheckAsync(string language, string target)
    {
        string sources = Path.Combine(DotNet.Root, "tests/Windhover.Tests/New");
        var project = new PluginProject(language, target);
        Assert.SkipWhen(project.Missing() is not null, project.Missing() ?? "");
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await project.CreateAsync(Path.Combine(sources, "deps/acme-shop.wit"), "plugin", cancel);
        project.FillIn(await File.ReadAllTextAsync(Path.Combine(sources, $"Bodies/{language}.txt"), cancel));
        await project.BuildAsync(cancel);

        await using var host = new PluginHost(new PluginHostOptions { CacheDirectory = "" });
        await using PluginComponent component = await host.LoadAsync(project.Wasm, cancel);
        var log = new Log();
        await using ShopPlugin plugin = await ShopPlugin.InstantiateAsync(component, new() { Log = log }, new PluginOptions { MaxMemoryBytes = 32 << 20 }, cancel);
        Assert.Equal(3u, plugin.Version());
        Assert.Equal($"mug, by {language}", plugin.Rules.Describe("mug"));
        Line[] lines = [new("mug", 1200, 2), new("kite", 4900, 1)];
        Assert.Equal(Result.Ok(7300ul), plugin.Rules.Price(lines, null));
        Assert.Equal(Result.Ok(3650ul), plugin.Rules.Price(lines, "HALF"));
        Assert.Equal(Result.Err("no such coupon"), plugin.Rules.Price(lines, "NONE!"));
        using (Basket basket = plugin.Rules.CreateBasket())
            basket.Add(lines[1]);
        Assert.Equal(["kite"], log.Lines);

        // What a call takes is given back: together these are more than the plug-in may have.
        Line[] many = [.. Enumerable.Repeat(lines[0], Lines)];
        for (int i = 0; i < Calls; i++)
            Assert.Equal(Result.Ok(2400ul * Lines), plugin.Rules.Price(many, null));
    }

    private sealed class Log : ILog
    {
        public List<string> Lines { get; } = [];

        public void Write(string line) => Lines.Add(line);
    }
}
