namespace Windhover.Wit.Tests.Suites;

/// <summary>Finds outside test suites: the folder that the environment variable WINDHOVER_SUITES names.</summary>
internal static class SuiteFolder
{
    public static string Require(string relative)
    {
        var root = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "WINDHOVER_SUITES is not set: it names the folder that holds wasm-tools/, WASI/ and others");
        var folder = Path.Combine(root!, relative);
        Assert.SkipUnless(Directory.Exists(folder), $"{folder} does not exist");
        return folder;
    }
}
