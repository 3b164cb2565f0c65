namespace Windhover.Components.Tests.Suite;

/// <summary>The specification's own tests, by directory: every assertion passes or is named in <see cref="ExpectedFailures"/>.</summary>
public class ComponentModelSuiteTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("async")]
    [InlineData("binary")]
    [InlineData("linking")]
    [InlineData("resources")]
    [InlineData("validation")]
    [InlineData("values")]
    public async Task Suite(string directory)
    {
        var folder = Suites.Require(Path.Combine("component-model", "test", directory));
        var report = new WastReport();
        foreach (var file in Directory.GetFiles(folder, "*.wast").Order(StringComparer.Ordinal))
            report.Add(await WastRunner.RunAsync(WastScript.Read(file), () => new LinkerWastHost(), TestContext.Current.CancellationToken));

        output.WriteLine($"component-model/{directory}: {report.Passed} of {report.Assertions} ({report.Rejected} of {report.Rejections} invalid or malformed ones refused)");
        Assert.Equal(report.Rejections, report.Rejected);
        foreach (var failure in report.Failures)
            output.WriteLine($"  {failure.Place} {failure.Reason}");
        Assert.Empty(ExpectedFailures.Surprises(directory, report.Failures));
    }
}
