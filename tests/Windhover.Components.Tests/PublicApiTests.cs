using PublicApiGenerator;
using Windhover.Components.Linking;

namespace Windhover.Components.Tests;

/// <summary>The public API is what PublicApi.txt says. A change of it is a decision: the test writes the new text beside the old one.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Public_api_is_as_agreed()
    {
        var actual = typeof(Component).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n").Trim();
        var file = Path.Combine(AppContext.BaseDirectory, "PublicApi.txt");
        var expected = File.ReadAllText(file).ReplaceLineEndings("\n").Trim();
        if (expected != actual)
            File.WriteAllText(Path.ChangeExtension(file, ".received.txt"), actual + "\n");
        Assert.Equal(expected, actual);
    }
}
