using System.Diagnostics;

namespace Windhover.Cli.Tests.Commands;

public sealed class RunTests
{
    private static readonly string Program = Cli.Guest("c-cli/c-cli.wasm");

    [Fact]
    public async Task Arguments_after_the_file_are_the_guests()
    {
        var outcome = (await Cli.Run("run", Program, "args", "--help", "-x", "--", "--cache", "ä b")).Expect(0);
        Assert.Equal("--help\n-x\n--\n--cache\nä b\n", outcome.Output);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(125)]
    [InlineData(255)]
    public async Task The_exit_status_is_the_guests(int status) => (await Cli.Run("run", Program, "exit", $"{status}")).Expect(status);

    [Fact]
    public async Task Standard_streams_are_the_guests()
    {
        Assert.Equal("ONE\nTWO\n", (await Cli.RunWith("one\ntwo\n", [], "run", Program, "upper")).Expect(0).Output);
        Assert.Equal("careful\n", (await Cli.Run("run", Program, "err", "careful")).Expect(0).Error);
        var large = string.Concat(Enumerable.Repeat("0123456789abcdef\n", 100_000));
        Assert.Equal(large, (await Cli.RunWith(large, [], "run", Program, "cat")).Expect(0).Output);
    }

    [Fact]
    public async Task The_environment_is_only_what_is_granted()
    {
        (string, string?)[] host = [("WINDHOVER_SEEN", "yes"), ("WINDHOVER_HIDDEN", "no")];
        var outcome = (await Cli.RunWith("", host, "run", "--env", "A=1=2", "--env", "WINDHOVER_SEEN", "--env", "WINDHOVER_UNSET", Program, "env")).Expect(0);
        Assert.Equal("A=1=2\nWINDHOVER_SEEN=yes\n", outcome.Output);
    }

    [Fact]
    public async Task Directories_are_only_those_granted()
    {
        using var folder = new TempFolder();
        folder.Write("in.txt", "text");
        (await Cli.Run("run", Program, "read", folder.Of("in.txt"))).Expect(1);
        Assert.Equal("text", (await Cli.Run("run", "--dir", $"{folder.Path}::/data:ro", Program, "read", "/data/in.txt")).Expect(0).Output);
        (await Cli.Run("run", "--dir", $"{folder.Path}::/data:ro", Program, "write", "/data/out.txt", "x")).Expect(1);
        (await Cli.Run("run", "--dir", $"{folder.Path}::/data", Program, "write", "/data/out.txt", "x")).Expect(0);
        Assert.Equal("x", await File.ReadAllTextAsync(folder.Of("out.txt"), TestContext.Current.CancellationToken));
        (await Cli.Run("run", "--dir", folder.Path, Program, "read", folder.Of("in.txt"))).Expect(0);
        (await Cli.Run("run", "--dir", $"{folder.Path}::/data", Program, "read", "/data/../../etc/passwd")).Expect(1);
    }

    [Fact]
    public async Task A_trap_ends_with_134_and_a_backtrace()
    {
        var outcome = (await Cli.Run("run", Program, "trap")).ExpectError(134, "the guest trapped: The 'unreachable' instruction was executed.");
        Assert.Contains("wasm backtrace:", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_timeout_ends_a_loop_with_124() =>
        (await Cli.Run("run", "--timeout", "300ms", Program, "spin")).ExpectError(124, "deadline");

    [Fact]
    public async Task Memory_has_the_limit_given()
    {
        (await Cli.Run("run", "--max-memory", "64MiB", Program, "memory", "16")).Expect(0);
        Assert.NotEqual(0, (await Cli.Run("run", "--max-memory", "8MiB", Program, "memory", "16")).Status);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_it_as_it_ends_any_program(string signal, int status)
    {
        // `cat` has answered a line, so that it runs; it then waits for more, which never comes.
        using var process = Cli.Start([], "run", Program, "upper");
        await process.StandardInput.WriteLineAsync("ready");
        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("READY", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        using (var kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(status, process.ExitCode);
    }

    [Fact]
    public async Task Text_runs_too()
    {
        using var folder = new TempFolder();
        var file = folder.Write("exit.wat", """
            (module
              (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
              (memory (export "memory") 1)
              (func (export "_start") (call $exit (i32.const 42))))
            """);
        (await Cli.Run("run", file)).Expect(42);
    }

    [Fact]
    public async Task What_is_no_command_says_what_to_do()
    {
        (await Cli.Run("run", Cli.Guest("rust-core/rust-core.wasm"))).ExpectError(1, "it exports no function `_start`");
        using var folder = new TempFolder();
        (await Cli.Run("run", folder.Write("empty.wat", "(component)"))).ExpectError(1, "does not export `wasi:cli/run`");
    }
}
