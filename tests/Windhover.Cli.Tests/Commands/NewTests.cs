namespace Windhover.Cli.Tests.Commands;

public sealed class NewTests
{
    private const string Wit = """
        package acme:shop@1.0.0;
        interface log { write: func(line: string); }
        interface rules {
          record line { sku: string, cents: u32 }
          resource basket { constructor(); add: func(l: line); }
          price: func(lines: list<line>, coupon: option<string>) -> result<u64, string>;
        }
        world plugin { import log; export rules; export version: func() -> u32; }
        """;

    [Theory]
    [InlineData("c", "plugin.c", "export_name(\"acme:shop/rules@1.0.0#price\")")]
    [InlineData("js", "plugin.js", "export const rules = {")]
    [InlineData("rust", "src/lib.rs", "#[export_name = \"acme:shop/rules@1.0.0#price\"]")]
    [InlineData("cpp", "plugin.cpp", "export_name(\"acme:shop/rules@1.0.0#price\")")]
    [InlineData("go", "plugin.go", "//go:wasmexport acme:shop/rules@1.0.0#price")]
    [InlineData("assemblyscript", "exports.json", "\"acme:shop/rules@1.0.0#price\"")]
    public async Task A_project_for_each_language(string language, string file, string holds)
    {
        using var folder = new TempFolder();
        string wit = Path.Combine(folder.Path, "shop.wit"), target = Path.Combine(folder.Path, "new");
        await File.WriteAllTextAsync(wit, Wit, TestContext.Current.CancellationToken);
        (await Cli.Run("new", "plugin", "--language", language, "--wit", wit, target)).Expect(0);
        Assert.Contains(holds, await File.ReadAllTextAsync(Path.Combine(target, file), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(Wit, await File.ReadAllTextAsync(Path.Combine(target, "wit", "shop.wit"), TestContext.Current.CancellationToken));
        Assert.Contains("plugin.wasm", await File.ReadAllTextAsync(Path.Combine(target, "README.md"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        (await Cli.Run("new", "plugin", "--language", language, "--wit", wit, target)).ExpectError(2, "is not empty");
    }

    [Fact]
    public async Task Of_several_worlds_the_project_gets_one()
    {
        using var folder = new TempFolder();
        string target = Path.Combine(folder.Path, "new");
        (await Cli.Run("new", "plugin", "--language", "c", "--wit", Path.Combine(Cli.Root, "samples/Shop/wit"), target)).ExpectError(2, "name one of them");
        (await Cli.Run("new", "plugin", "--language", "c", "--wit", Path.Combine(Cli.Root, "samples/Shop/wit"), "--world", "tax-plugin", target)).Expect(0);
        string wit = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.Combine(target, "wit"))), TestContext.Current.CancellationToken);
        Assert.Contains("world tax-plugin", wit, StringComparison.Ordinal);
        Assert.DoesNotContain("world search-plugin", wit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistakes_are_one_error_each()
    {
        using var folder = new TempFolder();
        string wit = Path.Combine(folder.Path, "shop.wit"), target = Path.Combine(folder.Path, "new");
        await File.WriteAllTextAsync(wit, "package a:b; world w { export f: func(x: nowhere); }", TestContext.Current.CancellationToken);
        (await Cli.Run("new", "plugin", "--language", "c", "--wit", wit, target)).ExpectError(2, "nowhere");
        (await Cli.Run("new", "plugin", "--language", "c", "--wit", wit + "x", target)).ExpectError(2, "shop.witx");
        (await Cli.Run("new", "plugin", "--language", "cobol", "--wit", wit, target)).Expect(2);
    }
}
