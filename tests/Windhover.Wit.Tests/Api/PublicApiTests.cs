using PublicApiGenerator;
using Windhover.Wit.Model;

namespace Windhover.Wit.Tests.Api;

/// <summary>The public surface changes only on purpose: a change shows as a difference of the text file beside this test.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_is_as_recorded()
    {
        var path = RepositoryFolder.Find("tests/Windhover.Wit.Tests/Api/Windhover.Wit.txt");
        var actual = typeof(WitPackage).Assembly.GeneratePublicApi(new ApiGeneratorOptions { IncludeAssemblyAttributes = false }).ReplaceLineEndings("\n") + "\n";
        if (Environment.GetEnvironmentVariable("WINDHOVER_RECORD_API") == "1")
            File.WriteAllText(path, actual);
        Assert.True(File.ReadAllText(path) == actual, "The public surface differs from the record. If that is meant, run the test with WINDHOVER_RECORD_API=1 and commit the file.");
    }
}
