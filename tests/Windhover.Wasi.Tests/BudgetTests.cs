using System.Net.Sockets;
using System.Text;
using Windhover.Engine;
using Windhover.Tests;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Http;
using Windhover.Wasi.Io;
using Windhover.Wasi.Sockets;
using Windhover.Wasi.Tests.Filesystem;

namespace Windhover.Wasi.Tests;

/// <summary>Budgets that a service of WASI enforces: reached exactly, and passed by one.</summary>
public sealed class BudgetTests
{
    [Theory, MemberData(nameof(Sandbox.Both), MemberType = typeof(Sandbox))]
    [BudgetTest("files", Edge.Reached)]
    [BudgetTest("files", Edge.PassedByOne)]
    public void Files(bool walk)
    {
        using var sandbox = new Sandbox(Sandbox.Resolution(walk), budget: Budget.Default with { Files = 2 });
        File.WriteAllText(sandbox.PathOf("file"), "x");
        using var first = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Read));
        using var second = Guest.Ok(sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Read));
        Guest.Fails(FsError.InsufficientMemory, sandbox.Root.OpenAt(PathFlags.None, "file", OpenFlags.None, DescriptorFlags.Read));
    }

    [Fact]
    [BudgetTest("connections", Edge.Reached)]
    [BudgetTest("connections", Edge.PassedByOne)]
    public void Connections()
    {
        using var context = Guest.Context(new WasiOptions { Network = NetworkPolicy.Allow("any 127.0.0.0/8:*"), Budget = Budget.Default with { Connections = 2 } });
        using var first = Guest.Ok(TcpSocket.Create(context, AddressFamily.InterNetwork));
        using var second = Guest.Ok(UdpSocket.Create(context, AddressFamily.InterNetwork));
        Guest.Fails(NetworkError.NewSocketLimit, TcpSocket.Create(context, AddressFamily.InterNetwork));
    }

    [Fact]
    [BudgetTest("headers", Edge.Reached)]
    [BudgetTest("headers", Edge.PassedByOne)]
    public void Headers()
    {
        using var context = Guest.Context(new WasiOptions { Budget = Budget.Default with { Headers = 256 } });
        var fields = new Fields(context.FieldBytes);
        Guest.Ok(fields.Append("name", ""u8));                  // 4 + 32
        Guest.Ok(fields.Append("n", Value(256 - 36 - 33)));     // 1 + 32 + the rest
        var other = new Fields(context.FieldBytes);
        Guest.Ok(other.Append("name", ""u8));
        Guest.Fails(HeaderError.SizeExceeded, other.Append("n", Value(256 - 36 - 33 + 1)));

        static byte[] Value(int length) => Encoding.ASCII.GetBytes(new string('v', length));
    }

    [Fact]
    [BudgetTest("output", Edge.Reached)]
    [BudgetTest("output", Edge.PassedByOne)]
    public void Output()
    {
        var written = new MemoryStream();
        using var context = Guest.Context(new WasiOptions
        {
            Stdout = OutputGrant.ToStream(written),
            Stderr = OutputGrant.ToStream(written),
            Budget = Budget.Default with { Output = 10 },
        });
        Guest.Ok(context.Streams.GetStdout().BlockingWriteAndFlush("12345"u8));
        Guest.Ok(context.Streams.GetStderr().BlockingWriteAndFlush("67890"u8));
        Assert.NotNull(context.Streams.GetStdout().BlockingWriteAndFlush("1"u8).Error.GetFailure());
        Assert.Equal("1234567890", Encoding.ASCII.GetString(written.ToArray()));
    }

    [Fact]
    [BudgetTest("host-memory", Edge.Reached)]
    [BudgetTest("host-memory", Edge.PassedByOne)]
    public void Host_memory()
    {
        var meter = new BudgetMeter("app", Budget.Parse("host-memory=128KiB"));
        using (var usage = new WasiUsage(meter))
        {
            usage.Hold(64 * 1024);
            usage.Hold(64 * 1024);
            Assert.Equal(BudgetKind.HostMemory, Assert.Throws<BudgetExceededException>(() => usage.Hold(1)).Kind);
            Assert.False(usage.TryHold(1));
            usage.Unhold(1);
            Assert.True(usage.TryHold(1));
        }

        Assert.Equal(0, meter.Used(BudgetKind.HostMemory));
    }

    [Fact]
    public void Buffers_of_an_ended_guest_are_counted_off_once()
    {
        var meter = new BudgetMeter("app", Budget.Default);
        var usage = new WasiUsage(meter);
        usage.Hold(1000);
        usage.Dispose();
        usage.Unhold(1000); // by a copy that goes on a little longer
        usage.Hold(500);
        usage.Unhold(500);
        Assert.Equal(0, meter.Used(BudgetKind.HostMemory));
    }
}
