using System.Text.RegularExpressions;

namespace Windhover.Wit.Tests.Suites;

/// <summary>The ui tests of the reference parser: what it accepts must give an equal model, what it rejects must be rejected at the same line.</summary>
public sealed partial class WitParserSuite
{
    private const string Folder = "wasm-tools/crates/wit-parser/tests/ui";

    // Packages in the binary format (and its text form) are read by Windhover.Components; its tests compare the models of these two cases (PackageWitTests).
    private static readonly Dictionary<string, string> s_expectedFailures = new()
    {
        ["simple-wasm-text.wat"] = "the package is a component in text form",
        ["kinds-of-deps"] = "two dependencies are components",
    };

    // Several places are at fault, and the reference names another one first.
    private static readonly Dictionary<string, string> s_otherLines = new()
    {
        ["use-and-include-world"] = "a top-level `use` of a world is the first mistake; the reference stumbles over the `include` that follows from it",
    };

    private static WitOptions Options => new() { Features = ["active"], PlainCommentsAsDocs = true };

    [Fact]
    public void Accepted_packages_have_an_equal_model()
    {
        var folder = SuiteFolder.Require(Folder);
        var failures = new List<string>();
        var dumps = Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal).ToList();
        foreach (var dump in dumps)
        {
            var name = Path.GetFileName(dump)[..^".json".Length];
            var path = Path.Combine(folder, name);
            if (!Path.Exists(path))
            {
                var folderPath = path[..^".wit".Length];
                path = Path.Exists(folderPath) ? folderPath : folderPath + ".wat";
                name = Path.GetFileName(path);
            }
            try
            {
                if (path.EndsWith(".wat", StringComparison.Ordinal))
                    throw new WitException([new WitDiagnostic(default, "a component in text form")]);
                var expected = ReferenceShape.Of(File.ReadAllText(dump)).ToJsonString(Json.Indented);
                var actual = WitShape.Of(WitResolver.ParseDirectory(path, Options)).ToJsonString(Json.Indented);
                if (actual != expected)
                    failures.Add($"{name}: {Json.FirstDifference(expected, actual)}");
            }
            catch (WitException e)
            {
                failures.Add($"{name}: {e.Message}");
            }
        }
        Report("accepted with an equal model", dumps.Count, failures);
        Assert.Equal(s_expectedFailures.Keys.Order(StringComparer.Ordinal), failures.Select(f => f.Split(':')[0]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rejected_packages_are_rejected_at_the_same_line()
    {
        var folder = SuiteFolder.Require(Path.Combine(Folder, "parse-fail"));
        var failures = new List<string>();
        var cases = Cases(folder).ToList();
        foreach (var path in cases)
        {
            var name = Path.GetFileName(path);
            var result = File.ReadAllText(Directory.Exists(path) ? path + ".wit.result" : path + ".result");
            try
            {
                WitResolver.ParseDirectory(path, Options);
                failures.Add($"{name}: accepted, but should fail with: {result}");
            }
            catch (WitException e)
            {
                var lines = Place().Matches(result).Select(m => m.Groups["place"].Value).ToHashSet();
                var first = e.Diagnostics[0];
                if (lines.Count > 0 && !lines.Contains($"{Path.GetFileName(first.Path)}:{first.Line}") && !s_otherLines.ContainsKey(name))
                    failures.Add($"{name}: wrong line: {e.Message}\nexpected: {result}");
            }
        }
        Report("rejected at the same line", cases.Count, failures);
        Assert.Empty(failures);
    }

    [Fact]
    public void Accepted_packages_are_equal_after_printing_and_reading()
    {
        var folder = SuiteFolder.Require(Folder);
        var failures = new List<string>();
        var count = 0;
        foreach (var path in Cases(folder))
        {
            var name = Path.GetFileName(path);
            if (name == "parse-fail" || s_expectedFailures.ContainsKey(name))
                continue;
            count++;
            if (RoundTrip.Difference(WitResolver.ParseDirectory(path, Options), Options) is { } difference)
                failures.Add($"{name}: {difference}");
        }
        Report("equal after printing and reading", count, failures);
        Assert.Empty(failures);
    }

    private static IEnumerable<string> Cases(string folder) => Directory.GetFileSystemEntries(folder)
        .Where(p => Directory.Exists(p) || p.EndsWith(".wit", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static void Report(string what, int count, List<string> failures)
    {
        foreach (var failure in failures)
            TestContext.Current.TestOutputHelper?.WriteLine(failure);
        var line = $"suite: {count - failures.Count} of {count} {what} (wit-parser ui)";
        TestContext.Current.TestOutputHelper?.WriteLine(line);
        Console.WriteLine(line);
    }

    [GeneratedRegex(@"(?<place>[^/\s]+\.wit:\d+):\d+")]
    private static partial Regex Place();
}
