using System.IO.Pipelines;
using System.Text;
using Windhover.Components.Async;
using Windhover.Engine;

namespace Windhover.Components.Tests.Async;

public sealed class StreamTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sum", 0)]
    [InlineData("sum", 1)]
    [InlineData("sum", 64)]
    [InlineData("sum", 100_000)]
    [InlineData("sum-blocking", 100_000)]
    public async Task Bytes_of_the_host_reach_the_guest(string function, int length)
    {
        using var guest = new AsyncGuest();
        byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)i)];
        Assert.Equal((ulong)bytes.Sum(b => b), await guest.CallAsync(function, HostStream.FromBytes(bytes)));
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task A_pipe_goes_through_the_guest_and_into_a_pipe()
    {
        using var guest = new AsyncGuest();
        var input = new Pipe();
        var output = new Pipe();
        using var stream = (GuestStreamReader)(await guest.CallAsync("upper", HostStream.FromPipe(input.Reader)))!;
        Task copy = CopyAsync(stream, output.Writer);
        for (int i = 0; i < 1000; i++)
            await input.Writer.WriteAsync("the quick brown fox "u8.ToArray(), Cancellation);
        await input.Writer.CompleteAsync();

        using var text = new MemoryStream();
        await output.Reader.CopyToAsync(text, Cancellation).WaitAsync(TimeSpan.FromSeconds(30), Cancellation);
        await copy;
        Assert.Equal(string.Concat(Enumerable.Repeat("THE QUICK BROWN FOX ", 1000)), Encoding.ASCII.GetString(text.ToArray()));
        await guest.AssertOverAsync();

        static async Task CopyAsync(GuestStreamReader from, PipeWriter to)
        {
            await from.CopyToAsync(to, Cancellation);
            await to.CompleteAsync();
        }
    }

    [Fact]
    public async Task The_guest_drops_what_the_host_still_writes()
    {
        using var guest = new AsyncGuest();
        var input = new Pipe();
        await input.Writer.WriteAsync(new byte[10], Cancellation);
        Assert.Equal(10u, await guest.CallAsync("sip", HostStream.FromPipe(input.Reader)));
        while (!(await input.Writer.WriteAsync(new byte[1], Cancellation)).IsCompleted)
            await Task.Yield();
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task The_host_drops_what_the_guest_still_writes()
    {
        using var guest = new AsyncGuest();
        var stream = (GuestStreamReader)(await guest.CallAsync("count-to", 1_000_000u))!;
        Assert.Equal(new object?[] { 0u, 1u, 2u }, await stream.ReadValuesAsync(3, Cancellation));
        stream.Dispose();
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task Numbers_come_as_values_until_the_end()
    {
        using var guest = new AsyncGuest();
        using var stream = (GuestStreamReader)(await guest.CallAsync("count-to", 100u))!;
        var all = new List<object?>();
        while (await stream.ReadValuesAsync(9, Cancellation) is { Length: > 0 } some)
            all.AddRange(some);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (object?)(uint)i), all);
        Assert.Empty(await stream.ReadValuesAsync(1, Cancellation));
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task Strings_are_lowered_as_the_guest_reads_them()
    {
        using var guest = new AsyncGuest();
        Assert.Equal("one zwei trois", await guest.CallAsync("concat", HostStream.FromValues(Words())));
        await guest.AssertOverAsync();

        static async IAsyncEnumerable<object?> Words()
        {
            yield return "one";
            await Task.Yield();
            yield return "zwei";
            yield return "trois";
        }
    }

    [Fact]
    public async Task A_guests_stream_goes_back_to_the_guest()
    {
        using var guest = new AsyncGuest();
        var upper = await guest.CallAsync("upper", HostStream.FromBytes("abc"u8.ToArray()));
        Assert.Equal(65ul + 66 + 67, await guest.CallAsync("sum", upper));
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task A_read_that_is_cancelled_leaves_the_stream_usable()
    {
        using var guest = new AsyncGuest();
        var input = new Pipe();
        using var stream = (GuestStreamReader)(await guest.CallAsync("upper", HostStream.FromPipe(input.Reader)))!;
        using var cancellation = new CancellationTokenSource();
        byte[] buffer = new byte[8];
        ValueTask<int> read = stream.ReadAsync(buffer, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await read);
        await input.Writer.WriteAsync("x"u8.ToArray(), Cancellation);
        Assert.Equal(1, await stream.ReadAsync(buffer, Cancellation));
        Assert.Equal((byte)'X', buffer[0]);
        await input.Writer.CompleteAsync();
        Assert.Equal(0, await stream.ReadAsync(buffer, Cancellation));
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task A_source_that_fails_traps_the_guest()
    {
        using var guest = new AsyncGuest();
        var call = guest.CallAsync("sum", HostStream.Create((_, _) => throw new IOException("no disk")));
        var trap = await Assert.ThrowsAsync<TrapException>(() => call);
        Assert.Contains("no disk", trap.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Futures_go_both_ways()
    {
        using var guest = new AsyncGuest();
        var source = new TaskCompletionSource<object?>();
        var after = guest.CallAsync("after", new HostFuture(source.Task));
        source.SetResult(41u);
        Assert.Equal(42u, await after);

        using var promise = (GuestFuture)(await guest.CallAsync("promise", 9u))!;
        Task<object?> value = promise.ReadAsync(Cancellation);
        guest.Return(9);
        Assert.Equal(9u, await value);

        var dropped = (GuestFuture)(await guest.CallAsync("promise", 10u))!;
        dropped.Dispose();
        guest.Return(10);
        await guest.AssertOverAsync();
    }

    [Fact]
    public async Task Values_of_the_wrong_kind_are_named()
    {
        using var guest = new AsyncGuest();
        var error = await Assert.ThrowsAsync<ArgumentException>(() => guest.CallAsync("concat", HostStream.FromBytes(default)));
        Assert.Contains("words", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => guest.CallAsync("after", HostStream.FromBytes(default)));
        await Assert.ThrowsAsync<ArgumentException>(() => guest.CallAsync("sum", "text"));
    }
}
