using System.Text;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Tests;
using Windhover.Wasi.Io;

namespace Windhover.Hosting.Tests;

/// <summary>What guests write to the log: never more than they may, and nothing that a terminal would obey.</summary>
public sealed class GuestLogTests : IGuestBlocking
{
    private readonly List<string> _lines = [];
    private readonly ManualTime _time = new();

    void IGuestBlocking.Wait(ReadOnlySpan<ReadinessSource> sources) => throw new InvalidOperationException("A log never makes its guest wait.");

    [Fact]
    public void Lines_are_whole_and_the_last_one_needs_no_end()
    {
        Write("log=1MiB", "one\ntwo\r\n\nth", "ree");
        Assert.Equal(["one", "two", "three"], _lines.Where(l => l.Length > 0));
    }

    [Theory]
    [InlineData("a\u001b[31mred", "a\\u001b[31mred")]
    [InlineData("a\rb", "a\\u000db")]
    [InlineData("a\0b\u0007", "a\\u0000b\\u0007")]
    [InlineData("a\u2028b", "a\\u2028b")]
    [InlineData("\u202egnp.exe", "\\u202egnp.exe")]
    [InlineData("tab\there, Grüße", "tab\there, Grüße")]
    public void What_a_reader_would_obey_is_written_out(string text, string expected)
    {
        Write("log=1MiB", text);
        Assert.Equal([expected], _lines);
    }

    [Fact]
    [BudgetTest("log", Edge.Reached)]
    [BudgetTest("log", Edge.PassedByOne)]
    public void A_run_has_its_bytes_exactly_then_a_notice()
    {
        Write("log=10", "12345\n", "67890\n");
        Assert.Equal(["12345", "67890"], _lines);
        _lines.Clear();
        Write("log=10", "12345\n", "678901\n", "more\n", "and more\n");
        Assert.Equal(["12345", "67890", "the budget `log` of `app` is used up (10): the rest of this run is not logged"], _lines);
    }

    [Fact]
    public void An_endless_line_is_cut()
    {
        Write("log=1MiB", new string('x', 20_000));
        Assert.Equal([8192, 8192, 20_000 - 16_384], _lines.Select(l => l.Length));
    }

    [Fact]
    [BudgetTest("log-lines", Edge.Reached)]
    [BudgetTest("log-lines", Edge.PassedByOne)]
    public void Lines_in_a_second_are_so_many()
    {
        var meter = new BudgetMeter("app", Budget.Parse("log-lines=3"));
        var log = new GuestLog(meter, _time, _lines.Add);
        using OutputStream stream = log.Open(this);
        Put(stream, "1\n2\n3\n");
        Assert.Equal((3, 0), (_lines.Count, meter.Rejected(BudgetKind.LogLines)));
        Put(stream, "4\n");
        Assert.Equal((3, 1), (_lines.Count, meter.Rejected(BudgetKind.LogLines)));
    }

    [Fact]
    public void The_buffer_of_a_line_is_host_memory()
    {
        var meter = new BudgetMeter("app", Budget.Parse("host-memory=64KiB"));
        var log = new GuestLog(meter, _time, _lines.Add);
        List<OutputStream> streams = [.. Enumerable.Range(0, 8).Select(_ => log.Open(this))];
        Assert.Throws<BudgetExceededException>(() => log.Open(this));
        streams.ForEach(s => s.Dispose());
        streams.ForEach(s => s.Dispose());
        Assert.Equal(0, meter.Used(BudgetKind.HostMemory));
    }

    [Fact]
    public void Lines_in_a_second_are_counted_over_all_runs()
    {
        var meter = new BudgetMeter("app", Budget.Parse("log-lines=3"));
        var log = new GuestLog(meter, _time, _lines.Add);
        using (OutputStream first = log.Open(this))
            Put(first, "1\n2\n3\n4\n5\n");
        Assert.Equal(["1", "2", "3"], _lines);
        Assert.Equal(2, meter.Rejected(BudgetKind.LogLines));
        _time.Now += TimeSpan.FromSeconds(1);
        using (OutputStream second = log.Open(this))
            Put(second, "6\n");
        Assert.Equal(["1", "2", "3", "2 lines were dropped: the budget `log-lines` of `app` is used up (3/s)", "6"], _lines);
    }

    private void Write(string budget, params string[] parts)
    {
        var log = new GuestLog(new BudgetMeter("app", Budget.Parse(budget)), _time, _lines.Add);
        using OutputStream stream = log.Open(this);
        foreach (string part in parts)
            Put(stream, part);
    }

    private static void Put(OutputStream stream, string text)
    {
        Assert.True(stream.CheckWrite().IsOk);
        Assert.True(stream.Write(Encoding.UTF8.GetBytes(text)).IsOk);
    }

    private sealed class ManualTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
