using System.Net;
using System.Net.Sockets;
using System.Text;
using Windhover.Engine;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Sockets;

namespace Windhover.Wasi.Tests.P3;

/// <summary>A guest of WASI 0.3 that tries what it may not, and drops what it holds in the middle of things: <c>guests/c-hostile-p3</c>.</summary>
public sealed class HostileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("windhover-");
    private readonly string _granted;

    public HostileTests() => _granted = Directory.CreateDirectory(Path.Combine(_folder.FullName, "granted")).FullName;

    [Fact]
    public async Task No_path_leads_out_of_a_directory()
    {
        var outside = Path.Combine(_folder.FullName, "outside");
        await File.WriteAllTextAsync(outside, "untouched");
        Directory.CreateDirectory(Path.Combine(_granted, "inside"));
        File.CreateSymbolicLink(Path.Combine(_granted, "link-up"), "..");
        File.CreateSymbolicLink(Path.Combine(_granted, "link-file"), "../outside");
        File.CreateSymbolicLink(Path.Combine(_granted, "link-absolute"), outside);
        File.CreateSymbolicLink(Path.Combine(_granted, "inside/link-up-up"), "../..");
        await RunAsync(new WasiOptions(), "escape");
        Assert.Equal("untouched", await File.ReadAllTextAsync(outside));
        Assert.Equal(["granted", "outside"], Directory.GetFileSystemEntries(_folder.FullName).Select(Path.GetFileName).Order());
        Assert.Equal(["inside", "link-absolute", "link-file", "link-up"], Directory.GetFileSystemEntries(_granted).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Streams_may_be_dropped_at_any_time()
    {
        await File.WriteAllBytesAsync(Path.Combine(_granted, "big"), new byte[1 << 20]);
        for (var i = 0; i < 300; i++)
            await File.WriteAllTextAsync(Path.Combine(_granted, $"entry {i}"), "");
        var before = OpenFiles();
        await RunAsync(new WasiOptions(), "drops");
        Assert.Equal(Enumerable.Range(0, 100_000).Select(i => (byte)i), await File.ReadAllBytesAsync(Path.Combine(_granted, "kept")));
        await UntilAsync(() => OpenFiles() == before);
    }

    [Fact]
    public async Task Streams_count_as_open_files()
    {
        await File.WriteAllBytesAsync(Path.Combine(_granted, "big"), new byte[1 << 20]);
        var before = OpenFiles();
        await RunAsync(new WasiOptions(), "flood");
        await UntilAsync(() => OpenFiles() == before);
    }

    [Fact]
    public async Task Buffers_of_streams_count_as_host_memory()
    {
        await File.WriteAllBytesAsync(Path.Combine(_granted, "big"), new byte[1 << 20]);
        var before = OpenFiles();
        var meter = new BudgetMeter("flooder", Budget.Parse("host-memory=1MiB"));
        using (var grant = DirectoryGrant.Open(_granted, "/", writable: true))
        {
            // Each stream has a buffer of 64 KiB: the sixteenth is the last.
            var (exit, trap) = await Components.RunAsync(
                Components.Guest("c-hostile-p3/c-hostile-p3.wasm"), new WasiOptions { Arguments = ["hostile", "flood"], Directories = [grant], Meter = meter });
            Assert.Equal(-1, exit);
            Assert.Contains("`host-memory`", trap!.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(1L << 20, meter.Peak(BudgetKind.HostMemory));
        await UntilAsync(() => OpenFiles() == before && meter.Used(BudgetKind.HostMemory) == 0);
    }

    [Fact]
    public async Task Datagrams_follow_the_policy()
    {
        using var peer = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var stranger = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)peer.Client.LocalEndPoint!).Port;
        var running = RunAsync(new WasiOptions { Network = NetworkPolicy.Allow($"udp 127.0.0.1:{port}") }, "udp", $"{port}");
        var request = await peer.ReceiveAsync().WaitAsync(Guest.Patience);
        Assert.Equal("hello", Encoding.UTF8.GetString(request.Buffer));
        await stranger.SendAsync("stranger"u8.ToArray(), request.RemoteEndPoint);
        await peer.SendAsync("answer"u8.ToArray(), request.RemoteEndPoint);
        await running;
    }

    [Fact]
    public Task Calls_and_reads_are_cancelled() => RunAsync(new WasiOptions { Network = NetworkPolicy.Allow("any 127.0.0.0/8:*") }, "cancel");

    [Fact]
    public async Task Nothing_is_reached_without_a_grant()
    {
        var (exit, _) = await Components.RunAsync(Components.Guest("c-hostile-p3/c-hostile-p3.wasm"), new WasiOptions { Arguments = ["hostile", "cancel"] });
        Assert.NotEqual(0, exit);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task RunAsync(WasiOptions options, params string[] arguments)
    {
        using var grant = DirectoryGrant.Open(_granted, "/", writable: true);
        var (exit, trap) = await Components.RunAsync(
            Components.Guest("c-hostile-p3/c-hostile-p3.wasm"), options with { Arguments = ["hostile", .. arguments], Directories = [grant] });
        Assert.True(exit == 0, $"the guest's step {exit} went wrong. {trap}");
    }

    // What a guest leaves behind is closed outside of its turns.
    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Guest.Patience);
        while (!condition())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    // Of this test's folder only: other tests run beside it.
    private int OpenFiles() => Directory.GetFiles("/proc/self/fd").Count(file => new FileInfo(file).LinkTarget?.StartsWith(_folder.FullName, StringComparison.Ordinal) == true);
}
