using System.Net;
using System.Net.Sockets;

namespace Windhover.Cli.Tests.Serving;

/// <summary><c>windhover up</c> as people run it: what it says, how it ends, and what the commands see that look at it.</summary>
public sealed class UpTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broken_app_says_what_is_wrong_and_the_others_serve()
    {
        using var folder = new TempFolder();
        WriteTool(folder, "tool");
        Write(folder, "wrong/windhover.toml", "name = \"wrong\"\n[component.a]\nsource = \"../tool/c-cli.wasm\"\nbudgt = {}\n");
        Write(folder, "broken/windhover.toml", "name = \"broken\"\n[component.a]\nsource = \"a.wasm\"\n[[http]]\nroute = \"/broken\"\n");
        Write(folder, "broken/a.wasm", "this is no component");
        await using ServingProcess up = await ServingProcess.StartUp(folder.Path);
        Assert.Equal("hello\n", await up.Client.GetStringAsync("/tool/args?a=hello", Cancel));
        Assert.Contains("(2 apps, 1 with problems; dashboard http://127.0.0.1:", up.Banner, StringComparison.Ordinal);
        string wrong = await up.LineAsync("error wrong");
        Assert.Contains("wrong/windhover.toml:4:1", wrong, StringComparison.Ordinal);
        Assert.Contains("`budgt`", wrong, StringComparison.Ordinal);
        Assert.Contains("`budget`", wrong, StringComparison.Ordinal); // The nearest known name.
        Assert.Equal(HttpStatusCode.InternalServerError, (await up.Client.GetAsync("/broken", Cancel)).StatusCode);
        Assert.Contains("a.wasm", await up.LineAsync("error broken"), StringComparison.Ordinal);
        Assert.Equal(0, await up.Stop());
        Assert.DoesNotContain(up.Log, l => l.Contains("   at ", StringComparison.Ordinal) || l.Contains("Exception", StringComparison.Ordinal));
    }

    [Fact]
    public async Task At_the_end_requests_under_way_finish_and_new_ones_are_not_taken()
    {
        using var folder = new TempFolder();
        WriteTool(folder, "tool");
        await using ServingProcess up = await ServingProcess.StartUp(folder.Path);
        Assert.True(File.Exists(Path.Combine(folder.Path, ".windhover", "server.json")));
        using HeldRequest held = await HeldRequest.StartAsync(new Uri(up.Address, "/tool/upper"), "held", Cancel);
        Task<int> stopped = up.Stop();
        await ClosedAsync(up.Address);
        Assert.False(stopped.IsCompleted);
        Assert.Equal("HELD", await held.FinishAsync(Cancel));
        Assert.Equal(0, await stopped);
        Assert.False(File.Exists(Path.Combine(folder.Path, ".windhover", "server.json")));
    }

    [Fact]
    public async Task The_drain_limit_ends_what_does_not_end()
    {
        using var folder = new TempFolder();
        WriteTool(folder, "tool");
        await using ServingProcess up = await ServingProcess.StartUp("--drain", "100ms", folder.Path);
        using HeldRequest held = await HeldRequest.StartAsync(new Uri(up.Address, "/tool/upper"), "held", Cancel);
        Assert.Equal(0, await up.Stop());
        await Assert.ThrowsAsync<HttpRequestException>(() => held.Answer);
    }

    [Fact]
    public async Task Health_and_readiness_are_told()
    {
        using var folder = new TempFolder();
        WriteTool(folder, "tool");
        Write(folder, "wrong/windhover.toml", "name = 1");
        await using ServingProcess up = await ServingProcess.StartUp(folder.Path);
        Assert.Equal("ok\n", await up.Client.GetStringAsync("/healthz", Cancel));
        string ready = await up.Client.GetStringAsync("/readyz", Cancel);
        Assert.StartsWith("{\"ready\":true,\"apps\":1,\"problems\":[\"", ready, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ps_top_and_logs_find_the_server_by_its_folder()
    {
        using var folder = new TempFolder();
        WriteTool(folder, "tool");
        await using ServingProcess up = await ServingProcess.StartUp(folder.Path);
        (await up.Client.GetAsync("/tool/args?a=x", Cancel)).Dispose();
        (await up.Client.GetAsync("/tool/err?a=%1b%5B31mred", Cancel)).Dispose();
        (await up.Client.GetAsync("/tool/trap", Cancel)).Dispose();

        string ps = (await Cli.Run("ps", folder.Path)).Expect(0).Output;
        Assert.Matches(@"(?m)^tool +loaded +3 +1 +0 +\d+\.\d\d .+  /tool/\{command\}$", ps);
        Assert.Contains("\"requests\":3", (await Cli.Run("ps", "--json", folder.Path)).Expect(0).Output, StringComparison.Ordinal);

        string logs = (await Cli.Run("logs", "--folder", folder.Path, "tool")).Expect(0).Output;
        Assert.Contains("tool/cli stderr: ␛[31mred", logs, StringComparison.Ordinal); // A guest does not colour the terminal.
        Assert.Contains("wasm backtrace", logs, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', logs);
        (await Cli.Run("logs", "--folder", folder.Path, "tol")).ExpectError(1, "no app is named tol").ExpectHelp("the nearest is tool");

        await using (var follow = new Following(["logs", "-f", "--json", "--folder", folder.Path]))
        {
            Assert.Contains("␛", System.Text.RegularExpressions.Regex.Unescape((await follow.LineAsync("31mred")).Replace("\\u001b", "␛", StringComparison.OrdinalIgnoreCase)), StringComparison.Ordinal);
            (await up.Client.GetAsync("/tool/err?a=later", Cancel)).Dispose();
            Assert.Contains("\"source\":\"stderr\"", await follow.LineAsync("later"), StringComparison.Ordinal);
            Assert.Equal(130, await follow.InterruptAsync());
        }

        await using (var top = new Following(["top", folder.Path]))
        {
            await top.LineAsync("MEAN ms");
            await top.LineAsync("REQ/s"); // From the second time on it knows the rate.
            Assert.Equal(130, await top.InterruptAsync()); // As any program that is interrupted.
        }

        Assert.Contains($"ok    server: runs for this folder at {up.Address.ToString().TrimEnd('/')}", (await Cli.Run("doctor", folder.Path)).Output, StringComparison.Ordinal);
        await up.Stop();
        (await Cli.Run("ps", folder.Path)).ExpectError(1, "no server runs for");
        (await Cli.Run("ps", "--server", up.Address.ToString())).ExpectError(1, "cannot be reached");
        (await Cli.Run("ps", "--server", "nonsense")).ExpectError(2, "expected an address");
    }

    [Fact]
    public async Task A_token_and_a_port_of_its_own_guard_the_dashboard()
    {
        using var folder = new TempFolder();
        WriteTool(folder, "tool");
        int port = FreePort();
        await using ServingProcess up = await ServingProcess.StartUp("--admin-token", "0123456789abcdef", "--admin-listen", $"{port}", folder.Path);
        Assert.Contains($"dashboard http://127.0.0.1:{port}/_windhover/", up.Banner, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await up.Client.GetAsync("/_windhover/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await up.Client.GetAsync("/tool/args?a=x", Cancel)).StatusCode);
        var own = new Uri($"http://127.0.0.1:{port}/");
        Assert.Equal(HttpStatusCode.NotFound, (await up.Client.GetAsync(new Uri(own, "/tool/args?a=x"), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await up.Client.GetAsync(new Uri(own, "/_windhover/api/apps"), Cancel)).StatusCode);
        (await Cli.Run("ps", folder.Path)).ExpectError(1, "401");
        Assert.Contains("tool", (await Cli.Run("ps", "--admin-token", "0123456789abcdef", folder.Path)).Expect(0).Output, StringComparison.Ordinal);
        (await Cli.Run("up", "--admin-listen", "0", folder.Path)).ExpectError(2, "the port not 0");
    }

    private static void WriteTool(TempFolder folder, string name)
    {
        Write(folder, $"{name}/windhover.toml", $"name = \"{name}\"\n[component.cli]\nsource = \"c-cli.wasm\"\n[[http]]\nroute = \"/{name}/{{command}}\"\nargs = [\"{{command}}\", \"{{a}}\"]\n");
        File.Copy(Cli.Guest("c-cli/c-cli.wasm"), Path.Combine(folder.Path, name, "c-cli.wasm"));
    }

    private static void Write(TempFolder folder, string file, string text)
    {
        string path = Path.Combine(folder.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    // Until nobody listens there any more.
    private static async Task ClosedAsync(Uri address)
    {
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(address.Host, address.Port, Cancel);
            }
            catch (SocketException)
            {
                return;
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
