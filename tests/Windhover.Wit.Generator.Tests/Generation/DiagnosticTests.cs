using Microsoft.CodeAnalysis;
using Windhover.Wit.Generator.Tests.Harness;

namespace Windhover.Wit.Generator.Tests.Generation;

public sealed class DiagnosticTests
{
    [Fact]
    public void A_mistake_in_wit_is_shown_in_the_wit_file()
    {
        Diagnostic diagnostic = Single("a", "package t:p;\nworld a {\n  import f: func(x: nowhere);\n}\n");
        Assert.Equal("WH1001", diagnostic.Id);
        FileLinePositionSpan place = diagnostic.Location.GetLineSpan();
        Assert.Equal(("wit/a.wit", 2, 20), (place.Path, place.StartLinePosition.Line, place.StartLinePosition.Character));
        Assert.Equal(27, place.EndLinePosition.Character);
        Assert.Contains("nowhere", diagnostic.GetMessage(null), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_world_is_shown_at_the_class_and_names_the_known_ones()
    {
        Diagnostic diagnostic = Single("b", "package t:p;\nworld a { export g: func(); }\n");
        Assert.Equal("WH1002", diagnostic.Id);
        Assert.Equal("Customer.cs", diagnostic.Location.GetLineSpan().Path);
        Assert.Contains("t:p/a", diagnostic.GetMessage(null), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public sealed class World;")]
    [InlineData("public sealed partial class World<T>;")]
    public void A_class_that_cannot_be_completed(string declaration)
    {
        GeneratorRun run = GeneratorRun.Of($"using Windhover.Components.Bindings;\n[WitWorld(\"a\")] {declaration}", ("wit/a.wit", "package t:p;\nworld a { export g: func(); }"));
        Assert.Equal("WH1003", Assert.Single(run.Diagnostics).Id);
    }

    [Fact]
    public void No_files_at_all()
    {
        GeneratorRun run = GeneratorRun.Of("using Windhover.Components.Bindings;\n[WitWorld(\"a\")] public sealed partial class World;");
        Assert.Equal("WH1004", Assert.Single(run.Diagnostics).Id);
        Assert.Contains("<Wit Include", run.Diagnostics[0].GetMessage(null), StringComparison.Ordinal);
    }

    private static Diagnostic Single(string world, string wit) =>
        Assert.Single(GeneratorRun.Of($"using Windhover.Components.Bindings;\n[WitWorld(\"{world}\")] public sealed partial class World;", ("wit/a.wit", wit)).Diagnostics);
}
