using System.Diagnostics;

namespace Windhover.Cli.Tests.Terminal;

public sealed class ColourTests
{
    [Fact]
    public async Task No_colours_in_a_pipe() =>
        Assert.DoesNotContain('\e', (await Cli.RunWith("", [("TERM", "xterm-256color")], "run", "no-such-file")).Expect(2).Error);

    [Theory]
    [InlineData("xterm-256color", null, true)]
    [InlineData("xterm-256color", "1", false)]
    [InlineData("dumb", null, false)]
    public async Task Colours_on_a_terminal_unless_unwanted(string term, string? noColor, bool coloured)
    {
        var text = await OnTerminal(term, noColor, "run no-such-file", 2);
        Assert.Contains("no-such-file: no such file", text, StringComparison.Ordinal);
        Assert.Equal(coloured, text.Contains("\e[1;31merror:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_guests_output_on_a_terminal_is_its_own() =>
        Assert.Equal("Hello from C\r\n", await OnTerminal("xterm-256color", null, $"run {Cli.Guest("c-cli/c-cli.wasm")}", 0));

    private static async Task<string> OnTerminal(string term, string? noColor, string arguments, int status)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/script"), "script(1), which makes a terminal, is not installed");
        var start = new ProcessStartInfo("/usr/bin/script", ["-qec", $"'{Cli.Program}' {arguments}", "/dev/null"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        start.Environment["TERM"] = term;
        start.Environment["NO_COLOR"] = noColor;
        start.Environment["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", ".."));
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var text = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, process.ExitCode);
        return text;
    }
}
