namespace Windhover.Components.Tests.Suite;

/// <summary>Outside suites, found through the environment variable WINDHOVER_SUITES; tests that need one skip when it is not set.</summary>
internal static class Suites
{
    public static string Require(string relative)
    {
        var root = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "WINDHOVER_SUITES is not set: it names a folder that holds component-model/, wasi-testsuite-base/ …");
        var path = Path.Combine(root!, relative);
        Assert.SkipUnless(Directory.Exists(path), $"{relative} is not in WINDHOVER_SUITES");
        return path;
    }
}
