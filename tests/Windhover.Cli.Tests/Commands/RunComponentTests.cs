using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Windhover.Cli.Tests.Commands;

/// <summary>Commands that are components of WASI 0.2: one of C through the adapter of WASI 0.1, one of Rust without it.</summary>
public sealed class RunComponentTests
{
    private static readonly string C = Cli.Guest("c-cli/c-cli-p2.wasm");
    private static readonly string Rust = Cli.Guest("rust-cli/rust-cli-p2.wasm");
    private static readonly string Sockets = Cli.Guest("c-sockets/c-sockets.wasm");

    [Fact]
    public async Task Arguments_after_the_file_are_the_guests()
    {
        var outcome = (await Cli.Run("run", C, "args", "--help", "-x", "--", "--cache", "ä b")).Expect(0);
        Assert.Equal("--help\n-x\n--\n--cache\nä b\n", outcome.Output);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("7", 1)] // The adapter knows success and failure only.
    public async Task The_exit_status_is_the_guests(string given, int status) => (await Cli.Run("run", C, "exit", given)).Expect(status);

    [Fact]
    public async Task The_status_of_exit_with_code_and_of_a_run_that_fails()
    {
        using var folder = new TempFolder();
        (await Cli.Run("run", folder.Write("code.wat", ExitWithCode))).Expect(42);
        (await Cli.Run("run", folder.Write("error.wat", Returning(1)))).Expect(1);
        (await Cli.Run("run", folder.Write("ok.wat", Returning(0)))).Expect(0);
    }

    [Fact]
    public async Task Standard_streams_are_the_guests()
    {
        Assert.Equal("ONE\nTWO\n", (await Cli.RunWith("one\ntwo\n", [], "run", C, "upper")).Expect(0).Output);
        Assert.Equal("careful\n", (await Cli.Run("run", C, "err", "careful")).Expect(0).Error);
        Assert.Equal("a\nb\n", (await Cli.RunWith("b\na\n", [], "run", Rust, "sort")).Expect(0).Output);
        var large = string.Concat(Enumerable.Repeat("0123456789abcdef\n", 100_000));
        Assert.Equal(large, (await Cli.RunWith(large, [], "run", C, "cat")).Expect(0).Output);
    }

    [Fact]
    public async Task The_environment_is_only_what_is_granted()
    {
        (string, string?)[] host = [("WINDHOVER_SEEN", "yes"), ("WINDHOVER_HIDDEN", "no")];
        var outcome = (await Cli.RunWith("", host, "run", "--env", "A=1=2", "--env", "WINDHOVER_SEEN", "--env", "WINDHOVER_UNSET", C, "env")).Expect(0);
        Assert.Equal("A=1=2\nWINDHOVER_SEEN=yes\n", outcome.Output);
    }

    [Fact]
    public async Task Directories_are_only_those_granted()
    {
        using var folder = new TempFolder();
        folder.Write("in.txt", "text");
        (await Cli.Run("run", C, "read", folder.Of("in.txt"))).Expect(1);
        Assert.Equal("text", (await Cli.Run("run", "--dir", $"{folder.Path}::/data:ro", C, "read", "/data/in.txt")).Expect(0).Output);
        (await Cli.Run("run", "--dir", $"{folder.Path}::/data:ro", C, "write", "/data/out.txt", "x")).Expect(1);
        (await Cli.Run("run", "--dir", $"{folder.Path}::/data", Rust, "copy", "/data/in.txt", "/data/out.txt")).Expect(0);
        Assert.Equal("text", await File.ReadAllTextAsync(folder.Of("out.txt"), TestContext.Current.CancellationToken));
        (await Cli.Run("run", "--dir", $"{folder.Path}::/data", C, "read", "/data/../../etc/passwd")).Expect(1);
    }

    [Fact]
    public async Task A_trap_ends_with_134_and_a_backtrace()
    {
        var outcome = (await Cli.Run("run", C, "trap")).ExpectError(134, "the guest trapped: The 'unreachable' instruction was executed.");
        Assert.Contains("wasm backtrace:", outcome.Error, StringComparison.Ordinal);
        (await Cli.Run("run", Rust, "panic")).Expect(134);
    }

    [Theory]
    [InlineData("spin")]
    [InlineData("sleep", "60000")]
    public async Task A_timeout_ends_a_loop_and_a_wait_with_124(params string[] command) =>
        (await Cli.Run(["run", "--timeout", "300ms", C, .. command])).ExpectError(124, "deadline");

    [Fact]
    public async Task Memory_has_the_limit_given()
    {
        (await Cli.Run("run", "--max-memory", "64MiB", C, "memory", "16")).Expect(0);
        Assert.NotEqual(0, (await Cli.Run("run", "--max-memory", "8MiB", C, "memory", "16")).Status);
    }

    [Fact]
    public async Task A_command_of_wasi_0_3_runs_and_ends()
    {
        Assert.Equal("Hello from C\n", (await Cli.Run("run", Cli.Guest("c-p3/c-p3.wasm"))).Expect(0).Output);
        Assert.Equal("a\nb\n", (await Cli.Run("run", Cli.Guest("c-p3/c-p3.wasm"), "args", "a", "b")).Expect(0).Output);
        Assert.Equal(3, (await Cli.Run("run", Cli.Guest("c-p3/c-p3.wasm"), "exit", "3")).Status);
        Assert.Equal(1, (await Cli.Run("run", Cli.Guest("c-p3/c-p3.wasm"), "fail")).Status);
    }

    [Fact]
    public async Task Sockets_reach_what_is_granted()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = $"{((IPEndPoint)listener.LocalEndpoint).Port}";
        string[] hello = [Sockets, "tcp", "127.0.0.1", port, "hello"];
        Assert.NotEqual(0, (await Cli.Run(["run", .. hello])).Status);
        Assert.NotEqual(0, (await Cli.Run(["run", "--allow-net", "10.0.0.0/8", .. hello])).Status);
        Assert.NotEqual(0, (await Cli.Run(["run", "--allow-net", "udp=*", .. hello])).Status);
        Assert.NotEqual(0, (await Cli.Run(["run", "--allow-net", "*", .. hello])).Status); // public addresses only
        foreach (var rule in (string[])["127.0.0.0/8", $"127.0.0.1:{port}", "connect=localhost"])
        {
            var answered = Answer(listener);
            Assert.Equal("got hello\n", (await Cli.Run(["run", "--allow-net", rule, .. hello])).Expect(0).Output);
            await answered;
        }
    }

    [Fact]
    public async Task A_grant_that_cannot_be_given_is_refused()
    {
        (await Cli.Run("run", "--allow-net", "not a host", Sockets)).ExpectError(2, "--allow-net");
        (await Cli.Run("run", "--allow-host", "ftp://x", C)).ExpectError(2, "--allow-host");
        (await Cli.Run("run", "--allow-net", "*", Cli.Guest("c-cli/c-cli.wasm"))).ExpectError(2, "is a core module");
    }

    [Fact]
    public async Task What_was_compiled_is_what_run_uses()
    {
        using var folder = new TempFolder();
        var cache = folder.Of("cache");
        (await Cli.Run("compile", "--cache", cache, C)).Expect(0);
        var before = Directory.GetFiles(cache);
        (await Cli.Run("run", "--cache", cache, C)).Expect(0);
        (await Cli.Run("run", "--cache", cache, "--timeout", "10s", C)).Expect(0);
        Assert.Equal(before.Order(), Directory.GetFiles(cache).Order());
    }

    private static async Task Answer(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        var line = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"got {line}\n"), TestContext.Current.CancellationToken);
    }

    private static string Returning(int discriminant) => $"""
        (component
          (core module $m (func (export "run") (result i32) (i32.const {discriminant})))
          (core instance $i (instantiate $m))
          (func $run (result (result)) (canon lift (core func $i "run")))
          (instance $api (export "run" (func $run)))
          (export "wasi:cli/run@0.2.0" (instance $api)))
        """;

    private const string ExitWithCode = """
        (component
          (import "wasi:cli/exit@0.2.12" (instance $exit (export "exit-with-code" (func (param "status-code" u8)))))
          (core func $exit (canon lower (func $exit "exit-with-code")))
          (core module $m
            (import "host" "exit" (func $exit (param i32)))
            (func (export "run") (result i32) (call $exit (i32.const 42)) (i32.const 0)))
          (core instance $i (instantiate $m (with "host" (instance (export "exit" (func $exit))))))
          (func $run (result (result)) (canon lift (core func $i "run")))
          (instance $api (export "run" (func $run)))
          (export "wasi:cli/run@0.2.12" (instance $api)))
        """;
}
