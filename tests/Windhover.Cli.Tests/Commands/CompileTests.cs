namespace Windhover.Cli.Tests.Commands;

public sealed class CompileTests
{
    [Fact]
    public async Task The_second_time_there_is_nothing_to_do()
    {
        using var folder = new TempFolder();
        var cache = folder.Of("cache");
        Assert.Contains("3 core modules", (await Cli.Run("compile", "--cache", cache, Cli.Guest("c-http/c-http.wasm"))).Expect(0).Output, StringComparison.Ordinal);
        Assert.Contains("already compiled", (await Cli.Run("compile", "--cache", cache, Cli.Guest("c-http/c-http.wasm"))).Expect(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_compiled_is_what_run_uses()
    {
        using var folder = new TempFolder();
        var cache = folder.Of("cache");
        (await Cli.Run("compile", "--cache", cache, Cli.Guest("c-cli/c-cli.wasm"))).Expect(0);
        var before = Directory.GetFiles(cache);
        (await Cli.Run("run", "--cache", cache, Cli.Guest("c-cli/c-cli.wasm"))).Expect(0);
        (await Cli.Run("run", "--cache", cache, "--timeout", "10s", Cli.Guest("c-cli/c-cli.wasm"))).Expect(0);
        Assert.Equal(before.Order(), Directory.GetFiles(cache).Order());
    }

    [Fact]
    public async Task Off_keeps_nothing()
    {
        using var folder = new TempFolder();
        (await Cli.RunWith("", [("XDG_CACHE_HOME", folder.Path)], "run", "--cache", "off", Cli.Guest("c-cli/c-cli.wasm"))).Expect(0);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        (await Cli.Run("compile", "--cache", "off", Cli.Guest("c-cli/c-cli.wasm"))).ExpectError(2, "no cache");
    }

    [Fact]
    public async Task A_damaged_entry_is_compiled_again()
    {
        using var folder = new TempFolder();
        var cache = folder.Of("cache");
        (await Cli.Run("compile", "--cache", cache, Cli.Guest("c-cli/c-cli.wasm"))).Expect(0);
        foreach (var entry in Directory.GetFiles(cache))
            await File.WriteAllTextAsync(entry, "not code", TestContext.Current.CancellationToken);
        Assert.Equal("Hello from C\n", (await Cli.Run("run", "--cache", cache, Cli.Guest("c-cli/c-cli.wasm"))).Expect(0).Output);
    }

    [Fact]
    public async Task A_cache_that_cannot_be_is_an_error_only_when_it_was_asked_for()
    {
        using var folder = new TempFolder();
        var file = folder.Write("file", "");
        (await Cli.Run("run", "--cache", file, Cli.Guest("c-cli/c-cli.wasm"))).ExpectError(2, "--cache");
        (await Cli.RunWith("", [("XDG_CACHE_HOME", file)], "run", Cli.Guest("c-cli/c-cli.wasm"))).Expect(0);
    }
}
