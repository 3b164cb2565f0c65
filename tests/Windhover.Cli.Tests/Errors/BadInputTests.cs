namespace Windhover.Cli.Tests.Errors;

/// <summary>Every kind of bad input ends in one clear error, in every command that reads a file.</summary>
public sealed class BadInputTests
{
    public static TheoryData<string> Commands => ["run", "serve", "call", "inspect", "compile"];

    [Theory, MemberData(nameof(Commands))]
    public async Task A_file_that_is_not_there(string command) => (await On(command, "no-such-file.wasm")).ExpectError(2, "no-such-file.wasm: no such file");

    [Theory, MemberData(nameof(Commands))]
    public async Task A_directory(string command) => (await On(command, Cli.Guest(""))).ExpectError(2, "is a directory");

    [Theory, MemberData(nameof(Commands))]
    public async Task No_wasm(string command)
    {
        using var folder = new TempFolder();
        (await On(command, folder.Write("x.wasm", "hello"))).ExpectError(1, "not a WebAssembly file");
        (await On(command, folder.Write("empty.wasm", ""))).ExpectError(1, "an empty file");
        (await On(command, folder.Write("x.wit", "package a:b;"))).ExpectError(1, "WIT text");
    }

    [Theory, MemberData(nameof(Commands))]
    public async Task Bad_text(string command)
    {
        using var folder = new TempFolder();
        (await On(command, folder.Write("x.wat", "(module\n  (func i32.const))"))).ExpectError(1, "x.wat:2:");
    }

    [Theory, MemberData(nameof(Commands))]
    public async Task A_truncated_module_or_component(string command)
    {
        using var folder = new TempFolder();
        foreach (var guest in (string[])["c-cli/c-cli.wasm", "c-http/c-http.wasm"])
        {
            var bytes = await File.ReadAllBytesAsync(Cli.Guest(guest), TestContext.Current.CancellationToken);
            foreach (var length in (int[])[5, 9, 100, 3000, bytes.Length - 1])
                (await On(command, folder.Write("cut.wasm", bytes.AsSpan(0, length)))).ExpectError(1, "cut.wasm is ");
        }
    }

    [Theory, MemberData(nameof(Commands))]
    public async Task A_hostile_component(string command)
    {
        using var folder = new TempFolder();

        // A section that claims 4 GiB; a count of types that claims 2^32 - 1; components nested 10,000 deep.
        (await On(command, folder.Write("section.wasm", [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 0xff, 0xff, 0xff, 0xff, 0x0f]))).ExpectError(1, "is not valid");
        (await On(command, folder.Write("count.wasm", [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 7, 5, 0xff, 0xff, 0xff, 0xff, 0x0f]))).ExpectError(1, "is not valid");
        (await On(command, folder.Write("deep.wasm", Nested(10_000)))).ExpectError(1, "is not valid");
    }

    [Fact]
    public async Task An_import_that_nobody_provides()
    {
        using var folder = new TempFolder();
        var component = folder.Write("needs.wat", """(component (import "acme:db/store@1.0.0" (instance (export "get" (func)))))""");
        (await Cli.Run("run", component)).ExpectError(1, "`acme:db/store@1.0.0`, which this host does not provide");
        var module = folder.Write("needs-core.wat", """(module (import "env" "log" (func)) (func (export "_start")))""");
        (await Cli.Run("run", module)).ExpectError(1, "imports `env` `log`, which nobody here provides");
        var mistyped = folder.Write("mistyped.wat", """(module (import "wasi_snapshot_preview1" "proc_exit" (func)) (func (export "_start")))""");
        (await Cli.Run("run", mistyped)).ExpectError(1, "proc_exit");
    }

    [Theory]
    [InlineData("--dir", "/no/such/folder", "does not exist")]
    [InlineData("--dir", "/etc/passwd::/x", "is a file")]
    [InlineData("--dir", "a::b::c", "expected HOST[::GUEST][:ro]")]
    [InlineData("--dir", "::x", "expected HOST[::GUEST][:ro]")]
    [InlineData("--env", "=x", "the name is missing")]
    [InlineData("--timeout", "soon", "expected a time")]
    [InlineData("--timeout", "-1s", "expected a time")]
    [InlineData("--max-memory", "much", "expected a size")]
    public async Task An_option_that_does_not_fit(string option, string value, string text) =>
        (await Cli.Run("run", option, value, Cli.Guest("c-cli/c-cli.wasm"))).ExpectError(2, text);

    [Theory]
    [InlineData("soon")]
    [InlineData("0s")]
    [InlineData("-1m")]
    [InlineData("Never")]
    public async Task A_time_to_sleep_after_that_is_none(string value) =>
        (await Cli.Run("up", "--sleep-after", value, ".")).ExpectError(2, $"--sleep-after {value}: expected a time such as 30s, 5m or 1h, or never");

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("run")]
    [InlineData("run", "--frob", "x.wasm")]
    [InlineData("run", "--dir")]
    [InlineData("inspect", "--frob")]
    [InlineData("inspect", "a.wasm", "b.wasm")]
    [InlineData("call", "x.wasm")]
    public async Task A_command_line_that_does_not_fit(params string[] words) => (await Cli.Run(words)).ExpectError(2, "help: windhover ");

    private static Task<Outcome> On(string command, string file) =>
        command == "call" ? Cli.Run(command, file, "f") : Cli.Run(command, file);

    private static byte[] Nested(int depth)
    {
        byte[] preamble = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];
        var bytes = preamble;
        for (var i = 0; i < depth; i++)
        {
            // Section 4, size as five bytes of LEB128.
            var size = bytes.Length;
            bytes =
            [
                .. preamble, 4, (byte)(size & 0x7f | 0x80), (byte)(size >> 7 & 0x7f | 0x80), (byte)(size >> 14 & 0x7f | 0x80), (byte)(size >> 21 & 0x7f | 0x80), (byte)(size >> 28 & 0x7f),
                .. bytes,
            ];
        }

        return bytes;
    }
}
