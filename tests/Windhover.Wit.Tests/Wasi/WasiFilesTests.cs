using Windhover.Wit.Model;
using Windhover.Wit.Tests.Suites;

namespace Windhover.Wit.Tests.Wasi;

/// <summary>The project's own files under wit/: complete by count, printed canonically, and equal to the originals where those are at hand.</summary>
public sealed class WasiFilesTests
{
    public static TheoryData<string, string, int, int> Counts => new()
    {
        { "0.2.12", "io", 19, 0 },
        { "0.2.12", "clocks", 8, 0 },
        { "0.2.12", "random", 5, 0 },
        { "0.2.12", "cli", 12, 0 },
        { "0.2.12", "filesystem", 30, 0 },
        { "0.2.12", "sockets", 53, 0 },
        { "0.2.12", "http", 54, 0 },
        { "0.3.0", "clocks", 9, 2 },
        { "0.3.0", "random", 5, 0 },
        { "0.3.0", "cli", 12, 1 },
        { "0.3.0", "filesystem", 26, 21 },
        { "0.3.0", "sockets", 41, 4 },
        { "0.3.0", "http", 37, 2 },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void Each_package_has_all_its_functions(string version, string name, int functions, int asynchronous)
    {
        var package = Load(version).Packages.Single(p => p.Name.ToString() == $"wasi:{name}@{version}");
        var all = package.Interfaces.SelectMany(i => i.Functions).ToList();
        Assert.Equal((functions, asynchronous), (all.Count, all.Count(f => f.IsAsync)));
    }

    [Theory]
    [InlineData("0.2.12", 181)]
    [InlineData("0.3.0", 130)]
    public void The_guest_world_reaches_every_function(string version, int functions)
    {
        var world = Load(version).SelectWorld();
        var reached = world.Imports.Concat(world.Exports).OfType<WitInterfaceItem>().Select(i => i.Interface).Distinct();
        Assert.Equal(functions, reached.Sum(i => i.Functions.Count));
    }

    [Theory]
    [InlineData("0.2.12")]
    [InlineData("0.3.0")]
    public void The_files_are_printed_canonically(string version)
    {
        foreach (var package in Load(version).Packages.Where(p => p.Name.Namespace == "wasi"))
        {
            var text = File.ReadAllText(package.Span.Source!.Path);
            Assert.Equal(text[text.IndexOf("package ", StringComparison.Ordinal)..], WitPrinter.Print(package));
        }
    }

    [Fact]
    public void The_files_equal_the_originals_of_the_specification()
    {
        var folder = SuiteFolder.Require("WASI/proposals");
        var files = Directory.GetDirectories(folder).Where(d => Directory.Exists(Path.Combine(d, "wit")))
            .SelectMany(d => Directory.GetFiles(Path.Combine(d, "wit"), "*.wit").Select(f => ($"wit/deps/{Path.GetFileName(d)}/{Path.GetFileName(f)}", File.ReadAllText(f))))
            .Append(("wit/guest.wit", "package windhover:wasi;")).ToList();
        var original = WitResolver.ParseFiles(files, new WitOptions { AllFeatures = true });
        var version = original.Packages.First(p => p.Name.Namespace == "wasi").Name.Version!.ToString();
        Assert.SkipUnless(Directory.Exists(Path.Combine(Root(), $"wasi-{version}")), $"the specification at hand is version {version}");
        var own = Load(version);
        var equal = 0;
        var printed = new WitPrintOptions { Docs = false, Gates = false };
        foreach (var package in original.Packages.Where(p => p.Name.Namespace == "wasi"))
        {
            Assert.True(own.TryGetPackage(package.Name, out var copy), package.Name.ToString());
            Assert.Equal(WitPrinter.Print(package, printed), WitPrinter.Print(copy, printed));
            equal++;
        }
        Console.WriteLine($"suite: {equal} of {own.Packages.Count - 1} packages of WASI {version} equal the specification");
        Assert.Equal(own.Packages.Count - 1, equal);
    }

    private static WitPackageSet Load(string version) => WitResolver.ParseDirectory(Path.Combine(Root(), $"wasi-{version}"));

    private static string Root() => RepositoryFolder.Find("wit");
}
