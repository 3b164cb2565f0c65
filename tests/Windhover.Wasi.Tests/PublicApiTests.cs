using PublicApiGenerator;

namespace Windhover.Wasi.Tests;

/// <summary>The public API is what PublicApi.txt says, the generated bindings aside. A change of it is a decision: the test writes the new text beside the old one.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Public_api_is_as_agreed()
    {
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false, DenyNamespacePrefixes = ["System", "Microsoft", "Windhover.Wasi.Bindings"] };
        var actual = typeof(WasiContext).Assembly.GeneratePublicApi(options).ReplaceLineEndings("\n").Trim();
        var file = Path.Combine(AppContext.BaseDirectory, "PublicApi.txt");
        var expected = File.ReadAllText(file).ReplaceLineEndings("\n").Trim();
        if (expected != actual)
            File.WriteAllText(Path.ChangeExtension(file, ".received.txt"), actual + "\n");
        Assert.Equal(expected, actual);
    }
}
