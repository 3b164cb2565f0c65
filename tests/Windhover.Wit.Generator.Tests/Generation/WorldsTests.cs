using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Windhover.Wit.Generator.Tests.Harness;

namespace Windhover.Wit.Generator.Tests.Generation;

/// <summary>The bindings of worlds that others wrote compile.</summary>
public sealed partial class WorldsTests
{
    private const string Suite = "wasm-tools/crates/wit-parser/tests/ui";

    /// <summary>The worlds of WASI, each for itself: what its text says besides the interfaces.</summary>
    [Theory]
    [InlineData("wasi-0.2.12")]
    [InlineData("wasi-0.3.0")]
    public void Every_world_of_wasi_compiles(string folder)
    {
        (string Path, string Text)[] files = [.. Directory.EnumerateFiles(Path.Combine(Root, "wit", folder), "*.wit", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Select(f => (f, File.ReadAllText(f)))];
        string[] worlds = [.. Worlds(files)];
        List<string> failed = [.. worlds.Select(w => Complaint(w, files, out _)).OfType<string>()];
        Console.WriteLine($"suite: {worlds.Length - failed.Count} of {worlds.Length} worlds of {folder} compile");
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    /// <summary>The accept cases of wit-parser that name a world.</summary>
    [Fact]
    public void The_worlds_of_wit_parsers_suite_compile()
    {
        string? suites = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        string folder = Path.Combine(suites ?? "", Suite);
        Assert.SkipUnless(suites is not null && Directory.Exists(folder), $"WINDHOVER_SUITES has no {Suite}");
        int count = 0;
        var failed = new List<string>();
        foreach (string expected in Directory.EnumerateFiles(folder, "*.wit.json").Order(StringComparer.Ordinal))
        {
            string @case = expected[..^".json".Length];
            string directory = @case[..^".wit".Length];
            // One case is a component in text form.
            if (!File.Exists(@case) && !Directory.Exists(directory))
                continue;
            (string Path, string Text)[] files = File.Exists(@case)
                ? [("wit/" + Path.GetFileName(@case), File.ReadAllText(@case))]
                : [.. Directory.EnumerateFiles(directory, "*.wit", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(f => ("wit" + f[directory.Length..], File.ReadAllText(f)))];
            foreach (string world in Worlds(files))
            {
                string? complaint = Complaint(world, files, out bool isKnown);
                if (!isKnown)
                    continue;
                count++;
                if (complaint is not null)
                    failed.Add($"{Path.GetFileName(@case)}: {complaint}");
            }
        }

        Console.WriteLine($"suite: {count - failed.Count} of {count} worlds of wit-parser's accept cases compile");
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    /// <summary>The worlds by their full names: the package that their folder belongs to, and the name.</summary>
    private static IEnumerable<string> Worlds((string Path, string Text)[] files)
    {
        foreach (IGrouping<string, (string Path, string Text)> folder in files.GroupBy(f => Path.GetDirectoryName(f.Path)!.EndsWith("/deps", StringComparison.Ordinal) ? f.Path : Path.GetDirectoryName(f.Path)!))
        {
            string? package = folder.Select(f => PackageLine().Match(f.Text)).FirstOrDefault(m => m.Success)?.Groups[1].Value.Replace("%", "", StringComparison.Ordinal);
            if (package is null)
                continue;
            string[] parts = package.Split('@');
            foreach (Match world in folder.SelectMany(f => WorldLine().Matches(f.Text)))
                yield return $"{parts[0]}/{world.Groups[1].Value.Replace("%", "", StringComparison.Ordinal)}{(parts.Length > 1 ? "@" + parts[1] : "")}";
        }
    }

    [GeneratedRegex(@"^\s*package\s+([^;{\s]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex PackageLine();

    [GeneratedRegex(@"^\s*world\s+([%\w-]+)", RegexOptions.Multiline)]
    private static partial Regex WorldLine();

    /// <summary>The first thing that is wrong. A world behind a closed gate, or one whose packages are there in binary form only, is not known.</summary>
    private static string? Complaint(string world, (string, string)[] files, out bool isKnown)
    {
        GeneratorRun run = GeneratorRun.Of($"using Windhover.Components.Bindings;\nnamespace Acme.Plugins;\n[WitWorld(\"{world}\", Features = [\"active\"])]\npublic sealed partial class World;", files);
        isKnown = !run.Diagnostics.Any(d => d.Id is "WH1002" or "WH1001");
        string? first = run.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error && d.Id != "WH1005").Select(d => d.ToString()).Concat(run.Complaints).FirstOrDefault();
        return first is null ? null : $"{world}: {first}";
    }

    private static string Root
    {
        get
        {
            string folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Windhover.slnx")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }
}
