using CsCheck;
using Windhover.Wit.Model;
using Windhover.Wit.Tests.Suites;

namespace Windhover.Wit.Tests.Printing;

public sealed class PrinterTests
{
    [Fact]
    public void Documentation_and_gates_can_be_left_out()
    {
        var set = WitResolver.Parse("/// P.\npackage a:b@1.0.0;\n/// I.\n@since(version = 1.0.0)\ninterface i {\n  /// F.\n  f: func();\n}\n");
        Assert.Equal("package a:b@1.0.0;\n\ninterface i {\n  f: func();\n}\n", WitPrinter.Print(set, new WitPrintOptions { Docs = false, Gates = false }));
        Assert.Equal("/// I.\n@since(version = 1.0.0)\ninterface i {\n  /// F.\n  f: func();\n}\n", WitPrinter.Print(set.Main.Interfaces[0]));
    }

    [Fact]
    public void Names_that_are_keywords_are_marked()
    {
        const string Text = "package %package:%use;\n\ninterface %interface {\n  record %record {\n    %list: list<u8>,\n  }\n\n  %func: func(%async: %record);\n}\n";
        Assert.Equal(Text, WitPrinter.Print(WitResolver.Parse(Text)));
    }

    [Fact]
    public void A_type_is_written_as_its_scope_sees_it()
    {
        var set = WitResolver.Parse("package a:b; interface i { resource r; f: func(x: list<tuple<r, borrow<r>, option<list<u8, 4>>>>) -> result<_, stream>; }");
        var scope = set.Main.Interfaces[0];
        Assert.Equal("list<tuple<r, borrow<r>, option<list<u8, 4>>>>", WitPrinter.Print(scope.Functions[0].Parameters[0].Type, scope));
        Assert.Equal("result<_, stream>", WitPrinter.Print(scope.Functions[0].Result!, scope));
    }

    [Fact]
    public void Any_documentation_and_external_id_survive()
    {
        var line = Gen.OneOf(Gen.String[Gen.Char[' ', '\u2fff'], 0, 20], Gen.OneOf(new[] { "", "/", "//x", "* a", "*/", "  indented", "/**" }.Select(Gen.Const).ToArray()));
        var gen = Gen.Select(line.List[1, 4], Gen.String[0, 12]);
        gen.Sample((lines, id) =>
        {
            var docs = string.Join('\n', lines.Select(Readable));
            var package = new WitPackage(new WitPackageName("a", "b"));
            var item = new WitInterface("i") { Docs = docs };
            item.Add(new WitFunction("f", [], null) { ExternalId = id });
            package.Add(item);
            var again = WitResolver.Parse(WitPrinter.Print(package)).Main.Interfaces[0];
            Assert.Equal(Normal(docs), again.Docs);
            Assert.Equal(string.Concat(id.EnumerateRunes()), again.Functions[0].ExternalId);
        });
    }

    [Fact]
    public void A_whole_set_is_one_text()
    {
        var folder = RepositoryFolder.Find("wit/wasi-0.2.12");
        Assert.Null(RoundTrip.Difference(WitResolver.ParseDirectory(folder)));
    }

    // What a comment can hold at all: no control or forbidden characters.
    private static string Readable(string line) =>
        string.Concat(line.Where(c => !char.IsControl(c) && c is not ((>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069')
            or '\u0149' or '\u0673' or '\u0f77' or '\u0f79' or '\u17a3' or '\u17a4' or '\u17b4' or '\u17b5')));

    // What reading makes of it: no white space at line ends, no empty lines at the end, no indentation shared by all.
    private static string Normal(string docs)
    {
        var lines = docs.Split('\n').Select(l => l.TrimEnd()).ToList();
        var indent = lines.Where(l => l.Length > 0).Select(l => l.Length - l.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(l => l.Length == 0 ? l : l[indent..])).TrimEnd('\n');
    }
}
