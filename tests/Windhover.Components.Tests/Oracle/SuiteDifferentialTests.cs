using Windhover.Components.Tests.Suite;

namespace Windhover.Components.Tests.Oracle;

/// <summary>Every component of the specification's suite on our linker and on the native component API: the same results and the same traps.</summary>
public class SuiteDifferentialTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("async")]
    [InlineData("binary")]
    [InlineData("linking")]
    [InlineData("resources")]
    [InlineData("validation")]
    [InlineData("values")]
    public async Task Both_sides_come_to_the_same(string directory)
    {
        var folder = Suites.Require(Path.Combine("component-model", "test", directory));
        var (equal, all) = (0, 0);
        var surprises = new List<string>();
        var known = KnownDifferences.All.Where(k => k.Place.StartsWith(directory + "/", StringComparison.Ordinal)).ToDictionary(k => k.Place, k => k.Reason);
        foreach (var file in Directory.GetFiles(folder, "*.wast").Order(StringComparer.Ordinal))
        {
            var host = new PairedWastHost(new LinkerWastHost(), new NativeWastHost());
            await WastRunner.RunAsync(WastScript.Read(file), () => host, TestContext.Current.CancellationToken);
            foreach(var c in host.Comparisons.Where(c=>c.Ours.Class=="trap"&&c.Native.Class=="trap")) output.WriteLine($"TRAP {Path.GetFileName(file)}:{c.Line} | {c.Ours.Failure!.Message.Split('\n')[0]} | {c.Native.Failure!.Message.Split("Caused by:")[^1].Trim().ReplaceLineEndings(" / ")}");
            foreach (var ofDirective in host.Comparisons.GroupBy(c => c.Line))
            {
                all++;
                if (ofDirective.FirstOrDefault(c => !c.IsEqual) is not { } difference)
                {
                    equal++;
                    continue;
                }

                var place = $"{directory}/{Path.GetFileName(file)}:{difference.Line}";
                if (known.Remove(place, out var reason))
                    output.WriteLine($"  {place} {difference}: {reason}");
                else
                    surprises.Add($"{place} {difference}");
            }
        }

        output.WriteLine($"differential: {equal} of {all} directives equal ({directory})");
        surprises.AddRange(known.Keys.Select(k => $"{k} is a known difference, and there is none: remove it from {nameof(KnownDifferences)}"));
        foreach (var surprise in surprises)
            output.WriteLine($"  {surprise}");
        Assert.Empty(surprises);
    }
}
