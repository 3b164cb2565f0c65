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
        var (equal, different, ofOneSide) = (0, 0, 0);
        var surprises = new List<string>();
        var known = KnownDifferences.All.Where(k => k.Place.StartsWith(directory + "/", StringComparison.Ordinal)).ToDictionary(k => k.Place, k => k.Reason);
        foreach (var file in Directory.GetFiles(folder, "*.wast").Order(StringComparer.Ordinal))
        {
            var host = new PairedWastHost(new LinkerWastHost(), new NativeWastHost());
            await WastRunner.RunAsync(WastScript.Read(file), () => host, TestContext.Current.CancellationToken);
            foreach (var directive in host.Comparisons.GroupBy(c => c.Line))
            {
                if (directive.FirstOrDefault(c => !c.IsEqual && !c.IsOfOneSide) is not { } difference)
                {
                    // What follows from a component that one side refused is not compared: the refusal itself is the difference.
                    var compared = !directive.Any(c => c.IsOfOneSide);
                    equal += compared ? 1 : 0;
                    ofOneSide += compared ? 0 : 1;
                    continue;
                }

                different++;
                var place = $"{directory}/{Path.GetFileName(file)}:{difference.Line}";
                if (known.Remove(place, out var reason) || (reason = ExpectedFailures.ReasonOf(place)) is not null)
                    output.WriteLine($"  {place} {difference}: {reason}");
                else
                    surprises.Add($"{place} {difference}");
            }
        }

        output.WriteLine($"differential: {equal} of {equal + different} directives equal ({directory}; {ofOneSide} more have only one side)");
        surprises.AddRange(known.Keys.Select(k => $"{k} is a known difference, and there is none: remove it from {nameof(KnownDifferences)}"));
        Assert.True(surprises.Count == 0, string.Join('\n', surprises));
    }
}
