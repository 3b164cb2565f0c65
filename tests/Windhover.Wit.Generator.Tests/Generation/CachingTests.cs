using Microsoft.CodeAnalysis;
using Windhover.Wit.Generator.Tests.Harness;

namespace Windhover.Wit.Generator.Tests.Generation;

public sealed class CachingTests
{
    private const string Customer = "using Windhover.Components.Bindings;\n[WitWorld(\"a\")] public sealed partial class World;";
    private const string Wit = "package t:p;\nworld a { import f: func(x: u32) -> string; export g: func(); }\nworld b { export h: func(); }\n";

    [Fact]
    public void An_edit_of_other_code_runs_nothing_again()
    {
        GeneratorRun first = GeneratorRun.Of(Customer, ("wit/a.wit", Wit)).MustBeClean();
        GeneratorRun second = first.WithSource("Other.cs", "internal sealed class Other { int F() => 1; }");
        Assert.Equal(IncrementalStepRunReason.Cached, Reason(second, WitGenerator.OutputStep));
        Assert.All(Reasons(second, WitGenerator.SourcesStep), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void The_same_text_again_runs_nothing_again()
    {
        GeneratorRun second = GeneratorRun.Of(Customer, ("wit/a.wit", Wit)).WithWit("wit/a.wit", Wit);
        Assert.Equal(IncrementalStepRunReason.Cached, Reason(second, WitGenerator.FilesStep));
        Assert.Equal(IncrementalStepRunReason.Cached, Reason(second, WitGenerator.OutputStep));
    }

    [Fact]
    public void A_change_that_the_world_does_not_see_adds_no_source_again()
    {
        GeneratorRun second = GeneratorRun.Of(Customer, ("wit/a.wit", Wit)).WithWit("wit/a.wit", Wit + "// a remark\n");
        Assert.Equal(IncrementalStepRunReason.Unchanged, Reason(second, WitGenerator.OutputStep));
        Assert.All(Reasons(second, WitGenerator.SourcesStep), r => Assert.Equal(IncrementalStepRunReason.Cached, r));
    }

    [Fact]
    public void Only_the_files_of_what_changed_are_new()
    {
        GeneratorRun first = GeneratorRun.Of(Customer, ("wit/a.wit", Wit));
        GeneratorRun second = first.WithWit("wit/a.wit", Wit.Replace("g: func();", "g: func() -> u8;", StringComparison.Ordinal));
        Assert.Equal(IncrementalStepRunReason.Modified, Reason(second, WitGenerator.OutputStep));
        IncrementalStepRunReason[] reasons = Reasons(second, WitGenerator.SourcesStep);
        Assert.Single(reasons, r => r == IncrementalStepRunReason.Modified);
        Assert.True(reasons.Length > 1);
    }

    [Fact]
    public void Two_runs_write_the_same()
    {
        (string, string)[] wasi = GeneratorRun.Files("wit");
        string customer = Customer.Replace("\"a\"", "\"windhover:wasi/guest\"", StringComparison.Ordinal);
        Assert.Equal(Text(GeneratorRun.Of(customer, wasi)), Text(GeneratorRun.Of(customer, [.. wasi.Reverse()])));

        static string Text(GeneratorRun run) => string.Join("\n", run.Sources.OrderBy(s => s.HintName, StringComparer.Ordinal).Select(s => s.HintName + "\n" + s.SourceText));
    }

    private static IncrementalStepRunReason Reason(GeneratorRun run, string step) => Assert.Single(Reasons(run, step));

    private static IncrementalStepRunReason[] Reasons(GeneratorRun run, string step) =>
        [.. run.Driver.GetRunResult().Results.Single().TrackedSteps[step].SelectMany(s => s.Outputs).Select(o => o.Reason)];
}
