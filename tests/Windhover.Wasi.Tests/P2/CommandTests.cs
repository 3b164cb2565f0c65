using System.Net;
using System.Net.Sockets;
using System.Text;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.Tests.P2;

/// <summary>Commands of C and Rust as components.</summary>
public sealed class CommandTests : IDisposable
{
    private const string C = "c-cli/c-cli-p2.wasm";
    private const string Rust = "rust-cli/rust-cli-p2.wasm";

    private readonly string _folder = Directory.CreateTempSubdirectory("windhover-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Arguments_environment_and_streams()
    {
        Assert.Equal((0, "Hello from C\n"), Run(C, []));
        Assert.Equal((0, "one\ntwo words\n\n"), Run(C, ["args", "one", "two words", ""]));
        Assert.Equal((0, "1\n"), Run(C, ["env", "A"], options => options with { Environment = [new("A", "1"), new("B", "2")] }));
        Assert.Equal((0, ""), Run(C, ["env"]));
        Assert.Equal((0, "GR\u00dc\u00dfE\nX"), Run(C, ["cat"], options => options with { Stdin = InputGrant.FromBytes("GR\u00dc\u00dfE\nX"u8.ToArray()) }));
        var error = new MemoryStream();
        Assert.Equal((0, ""), Run(C, ["err", "text"], options => options with { Stderr = OutputGrant.ToStream(error) }));
        Assert.Equal("text\n", Encoding.UTF8.GetString(error.ToArray()));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("3", 3)]
    [InlineData("255", 255)]
    public void Exit_codes(string given, int expected)
    {
        // The adapter of WASI 0.1 knows only success and failure.
        var (code, _) = Run(C, ["exit", given]);
        Assert.Contains(code, new[] { expected, expected == 0 ? 0 : 1 });
    }

    [Fact]
    public void A_trap_is_a_trap()
    {
        var (code, _) = Run(C, ["trap"]);
        Assert.Equal(-1, code);
    }

    [Fact]
    public void Files_within_the_grant()
    {
        File.WriteAllText(Path.Combine(_folder, "in.txt"), "b\na\n");
        using var grant = DirectoryGrant.Open(_folder, "/data", writable: true);
        WasiOptions Granted(WasiOptions options) => options with { Directories = [grant] };
        Assert.Equal((0, "b\na\n"), Run(C, ["read", "/data/in.txt"], Granted));
        Assert.Equal((0, ""), Run(C, ["write", "/data/out.txt", "written"], Granted));
        Assert.Equal((0, ""), Run(C, ["append", "/data/out.txt", "!"], Granted));
        Assert.Equal("written!", File.ReadAllText(Path.Combine(_folder, "out.txt")).ReplaceLineEndings(""));
        Assert.Equal((0, ""), Run(C, ["mkdir", "/data/dir"], Granted));
        Assert.Equal((0, "dir/\nin.txt\nout.txt\n"), Run(C, ["list", "/data"], Granted));
        Assert.Equal((0, ""), Run(C, ["mv", "/data/out.txt", "/data/dir/moved"], Granted));
        Assert.Equal((0, ""), Run(C, ["rm", "/data/dir/moved"], Granted));
        Assert.Equal(0, Run(Rust, ["copy", "/data/in.txt", "/data/copy.txt"], Granted).Code);
        Assert.Equal("b\na\n", File.ReadAllText(Path.Combine(_folder, "copy.txt")));
        Assert.NotEqual(0, Run(C, ["read", "/etc/passwd"], Granted).Code);
        Assert.NotEqual(0, Run(C, ["read", "/data/../etc/passwd"], Granted).Code);
        Assert.NotEqual(0, Run(C, ["read", "/data/in.txt"]).Code);
    }

    [Fact]
    public void A_read_only_grant_is_read_only_for_real_programs()
    {
        File.WriteAllText(Path.Combine(_folder, "in.txt"), "x");
        using var grant = DirectoryGrant.Open(_folder, "/data");
        WasiOptions Granted(WasiOptions options) => options with { Directories = [grant] };
        Assert.Equal((0, "x"), Run(C, ["read", "/data/in.txt"], Granted));
        Assert.NotEqual(0, Run(C, ["write", "/data/in.txt", "y"], Granted).Code);
        Assert.NotEqual(0, Run(C, ["rm", "/data/in.txt"], Granted).Code);
        Assert.Equal("x", File.ReadAllText(Path.Combine(_folder, "in.txt")));
    }

    [Fact]
    public void Clocks_and_random_numbers()
    {
        var (code, output) = Run(C, ["time"]);
        Assert.Equal(0, code);
        Assert.InRange(long.Parse(output, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60, DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.Equal(0, Run(C, ["sleep", "20"]).Code);
        var one = Run(C, ["random", "16"]).Output;
        Assert.NotEqual(one, Run(C, ["random", "16"]).Output);
        WasiOptions Fixed(WasiOptions options) => options with { SecureRandom = bytes => bytes.Fill(0xab) };
        Assert.Equal("abab", Run(C, ["random", "2"], Fixed).Output.Trim());
    }

    [Fact]
    public async Task Tcp_and_udp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            using var reader = new StreamReader(client.GetStream(), leaveOpen: true); // The guest sends its newline on its own.
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"got {await reader.ReadLineAsync()}\n"));
        });
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        WasiOptions Granted(WasiOptions options) => options with { Network = NetworkPolicy.Allow("any localhost:*") };
        Assert.Equal((0, "got hello\n"), Run("c-sockets/c-sockets.wasm", ["tcp", "127.0.0.1", port, "hello"], Granted));
        await server;
        Assert.NotEqual(0, Run("c-sockets/c-sockets.wasm", ["tcp", "127.0.0.1", port, "hello"]).Code);

        using var udp = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var answer = Task.Run(async () =>
        {
            var received = await udp.ReceiveAsync();
            await udp.SendAsync(Encoding.UTF8.GetBytes("got " + Encoding.UTF8.GetString(received.Buffer)), received.RemoteEndPoint);
        });
        port = ((IPEndPoint)udp.Client.LocalEndPoint!).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (code, output) = Run("c-sockets/c-sockets.wasm", ["udp", "127.0.0.1", port, "hello"], Granted);
        Assert.Equal((0, "got hello"), (code, output.Trim()));
        await answer;
        Assert.Contains("127.0.0.1", Run("c-sockets/c-sockets.wasm", ["resolve", "localhost"], Granted).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Rust_commands()
    {
        WasiOptions With(WasiOptions options, string text) => options with { Stdin = InputGrant.FromBytes(Encoding.UTF8.GetBytes(text)) };
        var (code, output) = Run(Rust, ["sort"], options => With(options, "b\na\n"));
        Assert.Equal((0, "a\nb\n"), (code, output));
        Assert.NotEqual(0, Run(Rust, ["panic"]).Code);
    }

    private static (int Code, string Output) Run(string guest, string[] arguments, Func<WasiOptions, WasiOptions>? grant = null)
    {
        var output = new MemoryStream();
        var options = new WasiOptions { Arguments = [Path.GetFileNameWithoutExtension(guest), .. arguments], Stdout = OutputGrant.ToStream(output) };
        var (code, _) = Components.Run(Components.Guest(guest), grant?.Invoke(options) ?? options);
        return (code, Encoding.UTF8.GetString(output.ToArray()));
    }
}
