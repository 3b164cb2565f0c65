using Windhover.Wit.Generator.Tests.Harness;

namespace Windhover.Wit.Generator.Tests.Generation;

/// <summary>
/// The whole output for a small world, kept beside the tests so that a change of the generator shows as a change of C#. After a wanted change,
/// run with WINDHOVER_UPDATE_GOLDEN=1 and look at the difference.
/// </summary>
public sealed class GoldenTests
{
    [Fact]
    public void Shop()
    {
        string folder = Path.Combine(AppContext.BaseDirectory, "Golden");
        GeneratorRun run = GeneratorRun.Of(
            "using Windhover.Components.Bindings;\nnamespace Acme;\n[WitWorld(\"shop:pricing/plugin\")] public sealed partial class PricingPlugin;",
            ("wit/shop.wit", File.ReadAllText(Path.Combine(folder, "shop.wit")))).MustBeClean();
        string[] expected = [.. Directory.EnumerateFiles(folder, "*.g.cs").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];
        if (Environment.GetEnvironmentVariable("WINDHOVER_UPDATE_GOLDEN") == "1")
        {
            string sources = Path.Combine(AppContext.BaseDirectory, "../../../Golden");
            foreach (var source in run.Sources)
                File.WriteAllText(Path.Combine(sources, source.HintName), source.SourceText.ToString());
            return;
        }

        Assert.Equal(expected, run.Sources.Select(s => s.HintName).Order(StringComparer.Ordinal));
        foreach (var source in run.Sources)
            Assert.Equal(File.ReadAllText(Path.Combine(folder, source.HintName)), source.SourceText.ToString());
    }
}
