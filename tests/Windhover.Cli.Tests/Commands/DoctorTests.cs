using System.Net;
using System.Net.Sockets;

namespace Windhover.Cli.Tests.Commands;

public sealed class DoctorTests
{
    [Fact]
    public async Task A_healthy_machine_and_app_are_fine()
    {
        using var folder = new TempFolder();
        Write(folder, "notes", "name = \"notes\"\n[component.cli]\nsource = \"../cli.wasm\"\nkey-value = [\"notes\"]\n[messaging.later]\n[[queue]]\ntopic = \"later\"\n");
        File.Copy(Cli.Guest("c-cli/c-cli.wasm"), folder.Of("cli.wasm"));
        string output = (await Cli.Run("doctor", folder.Path)).Expect(0).Output;
        foreach (string line in new[] { "ok    machine: ", "ok    memory maps: ", "ok    open files: ", "ok    engine: ", "ok    cache: ", "ok    app: notes: 1 component, 0 routes", "ok    backend: notes: key-value (notes)", "ok    backend: notes: topic later (memory): 0 messages", "nothing is wrong" })
            Assert.Contains(line, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_is_named_with_what_to_do()
    {
        using var folder = new TempFolder();
        Write(folder, "wrong", "name = \"wrong\"\n[component.cli]\nsource = \"../cli.wasm\"\n[[http]]\nroute = \"/x\"\nroot = \"/\"\n");
        // A backend that is down: nobody listens there.
        int port = FreePort();
        Write(folder, "down", $"name = \"down\"\n[component.cli]\nsource = \"../cli.wasm\"\nkey-value = [\"s\"]\n[key-value.s]\nbackend = \"redis\"\nurl = \"127.0.0.1:{port},connectTimeout=500,connectRetry=1\"\n[[http]]\nroute = \"/same\"\n");
        Write(folder, "zz", "name = \"zz\"\n[component.cli]\nsource = \"../cli.wasm\"\n[[http]]\nroute = \"/same\"\n");
        File.Copy(Cli.Guest("c-cli/c-cli.wasm"), folder.Of("cli.wasm"));
        var outcome = (await Cli.RunWith("", [("PATH", "/nowhere")], "doctor", folder.Path)).Expect(1);
        Assert.Contains("wrong app: ", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("windhover.toml:6:1", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("is taken by the app `down`", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("wrong backend: down: key-value (s): ", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("clientName", outcome.Output, StringComparison.Ordinal);
        // Without tools: each says for what, and how to get it. That is no fault.
        Assert.Contains("note  toolchain: no clang: C, C++ cannot be built here\n      help: Debian: apt-get install clang", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("note  toolchain: no cargo: Rust cannot be built here\n      help: https://rustup.rs", outcome.Output, StringComparison.Ordinal);
        Assert.EndsWith("3 things are wrong\n", outcome.Output, StringComparison.Ordinal);
        Assert.Empty(outcome.Error);
    }

    [Fact]
    public async Task A_folder_without_apps_is_a_note_and_none_at_all_is_an_error()
    {
        using var folder = new TempFolder();
        Assert.Contains("note  apps: ", (await Cli.Run("doctor", folder.Path)).Expect(0).Output, StringComparison.Ordinal);
        (await Cli.Run("doctor", folder.Of("nowhere"))).ExpectError(2, "there is no such folder");
    }

    private static void Write(TempFolder folder, string app, string manifest)
    {
        Directory.CreateDirectory(folder.Of(app));
        folder.Write($"{app}/windhover.toml", manifest);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
