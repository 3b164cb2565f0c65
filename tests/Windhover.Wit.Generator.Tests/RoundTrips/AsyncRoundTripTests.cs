using System.IO.Pipelines;
using System.Text;
using System.Threading.Channels;
using Acme.Windhover_.Guests.AsyncApi;
using Windhover.Components.Async;
using Windhover.Engine;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>Typed asynchronous calls, streams and futures between this host and guests/c-async.</summary>
public sealed class AsyncRoundTripTests
{
    private static readonly AsyncApiExports Api = AsyncGuest.World.AsyncApi;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("callback")]
    [InlineData("waiting")]
    [InlineData("blocking")]
    [InlineData("stackful")]
    public async Task Whichever_way_the_guest_waits_the_host_is_awaited(string way)
    {
        using var guest = new AsyncGuest();
        ValueTask<uint> call = way switch
        {
            "callback" => Api.TwiceAsync(guest.Instance, 21, Cancel),
            "waiting" => Api.TwiceWaitingAsync(guest.Instance, 21, Cancel),
            "blocking" => Api.TwiceBlockingAsync(guest.Instance, 21, Cancel),
            _ => Api.TwiceStackfulAsync(guest.Instance, 21, Cancel),
        };
        Assert.False(call.IsCompleted);
        guest.Return(21);
        Assert.Equal(42u, await call);
    }

    [Fact]
    public async Task Many_calls_are_under_way_at_a_time()
    {
        using var guest = new AsyncGuest();
        Task<uint>[] calls = [.. Enumerable.Range(1, 100).Select(v => Api.TwiceAsync(guest.Instance, (uint)v, Cancel).AsTask())];
        Assert.Equal(100u, Api.Running(guest.Instance)); // a synchronous call between them
        foreach (int v in Enumerable.Range(1, 100).Reverse())
            guest.Return((uint)v);
        uint[] results = await Task.WhenAll(calls);
        Assert.Equal(Enumerable.Range(1, 100).Select(v => (uint)v * 2), results);
    }

    [Fact]
    public async Task Synchronous_calls_from_many_threads_take_turns_with_asynchronous_ones()
    {
        using var guest = new AsyncGuest();
        Task<uint>[] waiting = [.. Enumerable.Range(1, 20).Select(v => Api.TwiceAsync(guest.Instance, (uint)v, Cancel).AsTask())];
        Task[] adding = [.. Enumerable.Range(0, 4).Select(t => Task.Factory.StartNew(
            () =>
            {
                for (uint i = 0; i < 500; i++)
                    Assert.Equal(i + (uint)t, Api.Add(guest.Instance, i, (uint)t));
            },
            Cancel,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];
        for (uint v = 1; v <= 20; v++)
            guest.Return(v);
        await Task.WhenAll(adding);
        Assert.Equal(420L, (await Task.WhenAll(waiting)).Sum(v => v));
    }

    [Fact]
    public async Task Lists_strings_and_results()
    {
        using var guest = new AsyncGuest();
        ValueTask<uint[]> both = Api.BothAsync(guest.Instance, 3, 4, Cancel);
        guest.Return(4);
        guest.Return(3);
        Assert.Equal((IEnumerable<uint>)[3u, 4u], (await both).Order());
        guest.Call("greet Änn").SetResult("hello");
        Assert.Equal("<hello>", await Api.GreetAsync(guest.Instance, "Änn", Cancel));
        Assert.Equal(5u, (await Api.CheckAsync(guest.Instance, 5, Cancel)).Value);
        Assert.True((await Api.CheckAsync(guest.Instance, 0, Cancel)).IsErr);
    }

    [Fact]
    public async Task A_cancelled_call_cancels_what_the_guest_waits_for()
    {
        using var guest = new AsyncGuest();
        using var cancellation = new CancellationTokenSource();
        ValueTask<uint> call = Api.TwiceAsync(guest.Instance, 9, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await call);
        Assert.Equal(1, guest.Cancelled);
        Assert.Equal(1u, Api.Cancelled(guest.Instance));
    }

    [Fact]
    public async Task A_trap_ends_all_calls_of_the_instance()
    {
        using var guest = new AsyncGuest();
        Task<uint> waiting = Api.TwiceAsync(guest.Instance, 9, Cancel).AsTask();
        await Assert.ThrowsAsync<TrapException>(async () => await Api.TrapAsync(guest.Instance, Cancel));
        await Assert.ThrowsAsync<TrapException>(() => waiting);
        Assert.ThrowsAny<TrapException>(() => Api.Add(guest.Instance, 1, 1));
    }

    [Fact]
    public async Task An_exception_of_the_host_is_a_trap()
    {
        using var guest = new AsyncGuest();
        ValueTask<uint> call = Api.TwiceAsync(guest.Instance, 9, Cancel);
        guest.Call("later 9").SetException(new IOException("no disk"));
        TrapException trap = await Assert.ThrowsAsync<TrapException>(async () => await call);
        Assert.IsType<IOException>(trap.InnerException);
    }

    [Fact]
    public async Task Bytes_from_every_source()
    {
        using var guest = new AsyncGuest();
        byte[] bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);
        ulong sum = (ulong)bytes.Sum(b => b);
        Assert.Equal(sum, await Api.SumAsync(guest.Instance, HostStream.FromBytes(bytes), Cancel));
        Assert.Equal(sum, await Api.SumBlockingAsync(guest.Instance, HostStream.FromPipe(PipeReader.Create(new MemoryStream(bytes))), Cancel));
        var written = HostStream.Create(async (writer, cancellation) =>
        {
            for (int i = 0; i < bytes.Length; i += 1000)
                await writer.WriteAsync(bytes.AsMemory(i, 1000), cancellation);
        });
        Assert.Equal(sum, await Api.SumAsync(guest.Instance, written, Cancel));
        Assert.Equal(0ul, await Api.SumAsync(guest.Instance, HostStream.Empty, Cancel));
    }

    [Fact]
    public async Task A_guest_that_drops_its_end_ends_the_source()
    {
        using var guest = new AsyncGuest();
        var ended = new TaskCompletionSource();
        var endless = HostStream.Create(async (writer, cancellation) =>
        {
            try
            {
                while (await writer.WriteAsync(new byte[100], cancellation) == 100)
                {
                }
            }
            finally
            {
                ended.SetResult();
            }
        });
        Assert.NotEqual(0u, await Api.SipAsync(guest.Instance, endless, Cancel));
        await ended.Task.WaitAsync(Cancel);
    }

    [Fact]
    public async Task A_guests_stream_of_bytes_is_read_and_handed_on()
    {
        using var guest = new AsyncGuest();
        using (GuestStreamReader upper = await Api.UpperAsync(guest.Instance, HostStream.FromBytes("windhover"u8.ToArray()), Cancel))
        {
            var pipe = new Pipe();
            await upper.CopyToAsync(pipe.Writer, Cancel);
            await pipe.Writer.CompleteAsync();
            ReadResult all = await pipe.Reader.ReadAtLeastAsync(100, Cancel);
            Assert.Equal("WINDHOVER", Encoding.ASCII.GetString(all.Buffer));
        }

        GuestStreamReader first = await Api.UpperAsync(guest.Instance, HostStream.FromBytes("abc"u8.ToArray()), Cancel);
        Assert.Equal(65ul + 66 + 67, await Api.SumAsync(guest.Instance, HostStream.FromGuest(first), Cancel));

        using var other = new AsyncGuest();
        GuestStreamReader second = await Api.UpperAsync(guest.Instance, HostStream.FromBytes("abc"u8.ToArray()), Cancel);
        Assert.Equal(65ul + 66 + 67, await Api.SumAsync(other.Instance, HostStream.FromGuest(second), Cancel));
    }

    [Fact]
    public async Task Numbers_come_typed()
    {
        using var guest = new AsyncGuest();
        var seen = new List<uint>();
        await foreach (uint v in (await Api.CountToAsync(guest.Instance, 1000, Cancel)).WithCancellation(Cancel))
            seen.Add(v);
        Assert.Equal(Enumerable.Range(0, 1000).Select(v => (uint)v), seen);

        using GuestStreamReader<uint> some = await Api.CountToAsync(guest.Instance, 1000, Cancel);
        uint[] buffer = new uint[10];
        Assert.InRange(await some.ReadAsync(buffer, Cancel), 1, 10);
        Assert.Equal(1u, buffer[1]);
    }

    [Fact]
    public async Task Strings_go_typed_from_every_source()
    {
        using var guest = new AsyncGuest();
        Assert.Equal("a bc ü", await Api.ConcatAsync(guest.Instance, HostStream.From("a", "bc", "ü"), Cancel));
        var channel = Channel.CreateUnbounded<string>();
        ValueTask<string> call = Api.ConcatAsync(guest.Instance, HostStream.From(channel.Reader), Cancel);
        await channel.Writer.WriteAsync("x", Cancel);
        await channel.Writer.WriteAsync("y", Cancel);
        channel.Writer.Complete();
        Assert.Equal("x y", await call);

        async IAsyncEnumerable<string> Words()
        {
            for (int i = 0; i < 3; i++)
            {
                await Task.Yield();
                yield return i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }
        }

        Assert.Equal("0 1 2", await Api.ConcatAsync(guest.Instance, HostStream.From(Words()), Cancel));
    }

    [Fact]
    public async Task A_source_that_fails_traps_the_guest()
    {
        using var guest = new AsyncGuest();
        var failing = HostStream.Create((_, _) => throw new IOException("no disk"));
        TrapException trap = await Assert.ThrowsAsync<TrapException>(async () => await Api.SumAsync(guest.Instance, failing, Cancel));
        Assert.IsType<IOException>(trap.InnerException);
    }

    [Fact]
    public async Task Futures_both_ways()
    {
        using var guest = new AsyncGuest();
        Assert.Equal(8u, await Api.AfterAsync(guest.Instance, HostFutures.FromResult(7u), Cancel));
        var source = new TaskCompletionSource<uint>();
        ValueTask<uint> after = Api.AfterAsync(guest.Instance, HostFutures.From(source.Task), Cancel);
        Assert.False(after.IsCompleted);
        source.SetResult(1);
        Assert.Equal(2u, await after);

        using GuestFuture<uint> promise = await Api.PromiseAsync(guest.Instance, 5, Cancel);
        guest.Return(5);
        Assert.Equal(5u, await promise);
        await Assert.ThrowsAsync<InvalidOperationException>(() => promise.ReadAsync(Cancel).AsTask());

        GuestFuture<uint> handed = await Api.PromiseAsync(guest.Instance, 6, Cancel);
        ValueTask<uint> next = Api.AfterAsync(guest.Instance, HostFutures.FromGuest(handed), Cancel);
        guest.Return(6);
        Assert.Equal(7u, await next);
    }
}
