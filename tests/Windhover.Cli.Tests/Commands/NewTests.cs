using System.Diagnostics;

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
    [InlineData("rust", "src/lib.rs", "wit_bindgen::generate!")]
    [InlineData("python", "app.py", "import wit_world")]
    [InlineData("go", "main.go", "package main")]
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
    public async Task The_project_in_c_builds_with_clang_and_its_component_fits()
    {
        string? clang = new[] { "/usr/bin/clang-22", "/usr/bin/clang" }.FirstOrDefault(File.Exists);
        string jco = Path.Combine(Cli.Root, "guests/node_modules/.bin/jco");
        Assert.SkipUnless(clang is not null && File.Exists(jco), "clang or jco is missing: guests/toolchains.sh c js");
        using var folder = new TempFolder();
        string wit = Path.Combine(folder.Path, "shop.wit"), target = Path.Combine(folder.Path, "new");
        await File.WriteAllTextAsync(wit, Wit, TestContext.Current.CancellationToken);
        (await Cli.Run("new", "plugin", "--language", "c", "--wit", wit, target)).Expect(0);
        var start = new ProcessStartInfo("make", ["-C", target, $"CC={clang} -fuse-ld=/usr/bin/wasm-ld-22", "TOOL=jco"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{Path.GetDirectoryName(jco)}:{start.Environment["PATH"]}";
        using Process make = Process.Start(start)!;
        Task<string> output = make.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), error = make.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(make.ExitCode == 0, await output + await error);
        string inspected = (await Cli.Run("inspect", Path.Combine(target, "plugin.wasm"))).Expect(0).Output;
        Assert.Contains("acme:shop/rules@1.0.0", inspected, StringComparison.Ordinal);
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
