using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using CsCheck;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Tests.Io;

public sealed class StreamTests
{
    private static readonly ThreadBlocking s_blocking = new(new CancellationTokenSource(Guest.Patience).Token);

    [Fact]
    public async Task A_pipe_is_read_as_it_fills()
    {
        var pipe = new Pipe();
        using var stream = new PipeInputStream(pipe.Reader, s_blocking);
        Assert.False(stream.IsReady);
        Assert.Equal(0, Guest.Ok(stream.Read(10)).Length);

        await pipe.Writer.WriteAsync("hello world"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.True(stream.IsReady);
        Assert.Equal(0, Guest.Ok(stream.Read(0)).Length);
        Assert.Equal("hello", Text(stream.Read(5)));
        Assert.Equal(1UL, Guest.Ok(stream.Skip(1)));
        Assert.Equal("world", Text(stream.Read(ulong.MaxValue)));
        Assert.False(stream.IsReady);

        await pipe.Writer.CompleteAsync();
        Assert.True(stream.IsReady);
        Guest.Fails(StreamErrors.Closed, stream.Read(1));
        Guest.Fails(StreamErrors.Closed, stream.Read(1));
    }

    [Fact]
    public async Task A_guest_that_waits_is_woken()
    {
        var pipe = new Pipe();
        using var stream = new PipeInputStream(pipe.Reader, s_blocking);
        using var waiting = new SemaphoreSlim(0);
        var guest = Task.Factory.StartNew(
            () =>
            {
                waiting.Release();
                return Text(stream.BlockingRead(100));
            },
            TestContext.Current.CancellationToken,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await waiting.WaitAsync(TestContext.Current.CancellationToken);
        await pipe.Writer.WriteAsync("late"u8.ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal("late", await guest);
    }

    [Fact]
    public void A_failure_is_told_once_and_closes()
    {
        var pipe = new Pipe();
        using var stream = new PipeInputStream(pipe.Reader, s_blocking);
        pipe.Writer.Complete(new IOException("broken"));
        Assert.Equal("broken", stream.BlockingRead(1).Error.GetFailure()?.ToDebugString());
        Guest.Fails(StreamErrors.Closed, stream.BlockingRead(1));
    }

    [Fact]
    public void What_is_ready_costs_no_allocation_of_ours()
    {
        var bytes = new byte[1 << 16];
        using var pool = new KeepingPool(); // the shared one is everybody's: what it allocates here is chance
        var pipe = new Pipe(new PipeOptions(pool, pauseWriterThreshold: 1 << 20));
        using var input = new PipeInputStream(pipe.Reader, s_blocking);
        using var output = new PipeOutputStream(pipe.Writer, s_blocking);
        for (var i = 0; i < 3; i++)
            Round();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            Round();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1000);

        void Round()
        {
            output.CheckWrite();
            output.Write(bytes);
            output.Flush();
            for (var read = 0; read < bytes.Length;)
                read += input.BlockingRead(4096).Value.Length;
        }
    }

    [Fact]
    public async Task A_slow_reader_holds_the_writer_back()
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 100_000, resumeWriterThreshold: 50_000, useSynchronizationContext: false));
        using var stream = new PipeOutputStream(pipe.Writer, s_blocking);
        var total = 0UL;
        while (Guest.Ok(stream.CheckWrite()) is > 0 and var permit)
        {
            Assert.InRange(permit, 1UL, 65536UL);
            Guest.Ok(stream.Write(new byte[permit]));
            total += permit;
        }
        Assert.InRange(total, 100_000UL, 100_000UL + 65536);
        Assert.False(stream.IsReady);
        Assert.Throws<GuestMisuseException>(() => stream.Write("x"u8));

        var read = await pipe.Reader.ReadAsync(TestContext.Current.CancellationToken);
        pipe.Reader.AdvanceTo(read.Buffer.End);
        await stream.WaitReadyAsync(TestContext.Current.CancellationToken);
        Assert.Equal(65536UL, Guest.Ok(stream.CheckWrite()));

        await pipe.Reader.CompleteAsync();
        Guest.Ok(stream.BlockingFlush());
        Guest.Fails(StreamErrors.Closed, stream.CheckWrite());
    }

    [Fact]
    public void Writing_beyond_the_permit_is_a_trap()
    {
        var sink = new MemoryStream();
        using var stream = new StreamOutputStream(sink, s_blocking);
        Assert.Throws<GuestMisuseException>(() => stream.Write("x"u8));
        var permit = Guest.Ok(stream.CheckWrite());
        Guest.Ok(stream.WriteZeroes(permit - 1));
        Guest.Ok(stream.Write("x"u8));
        Assert.Throws<GuestMisuseException>(() => stream.Write("x"u8));
        Assert.Throws<GuestMisuseException>(() => stream.BlockingWriteAndFlush(new byte[4097]));
        Assert.Throws<GuestMisuseException>(() => stream.BlockingWriteZeroesAndFlush(4097));
        Guest.Ok(stream.BlockingWriteZeroesAndFlush(4096));
        Assert.Equal((long)permit + 4096, sink.Length);
    }

    [Fact]
    public void Splicing_moves_everything()
    {
        Gen.Select(Gen.Byte.Array[0, 20_000], Gen.Int[1, 5000], Gen.Bool).Sample((bytes, step, blocking) =>
        {
            using var source = new MemoryInputStream(bytes, s_blocking);
            var sink = new MemoryStream();
            using var target = new StreamOutputStream(sink, s_blocking);
            while (true)
            {
                var moved = blocking ? target.BlockingSplice(source, (ulong)step) : target.Splice(source, (ulong)step);
                if (moved.IsErr)
                    return moved.Error is StreamError.Closed && sink.ToArray().AsSpan().SequenceEqual(bytes);
            }
        });
    }

    [Fact]
    public async Task Whatever_the_sizes_of_reads_and_writes_the_bytes_arrive()
    {
        await Gen.Select(Gen.Int[1, 300_000], Gen.Int[1, 70_000], Gen.Int[1, 70_000], Gen.Int[0, 1000]).SampleAsync(
            async (length, writes, reads, seed) =>
            {
                var content = new byte[length];
                new global::System.Random(seed).NextBytes(content);
                var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 2048, useSynchronizationContext: false));
                var writer = Task.Run(() =>
                {
                    using var output = new PipeOutputStream(pipe.Writer, s_blocking);
                    for (var at = 0; at < length; at += writes)
                        Guest.WriteAll(output, content.AsSpan(at, Math.Min(writes, length - at)));
                    Guest.Ok(output.BlockingFlush());
                    pipe.Writer.Complete();
                });
                var received = new ArrayBufferWriter<byte>();
                using var input = new PipeInputStream(pipe.Reader, s_blocking);
                while (input.BlockingRead((ulong)reads) is { IsOk: true } read)
                    received.Write(read.Value.Span);
                await writer;
                return received.WrittenSpan.SequenceEqual(content);
            },
            iter: 50,
            threads: 1);
    }

    private static string Text(Result<ReadOnlyMemory<byte>, StreamError> read) => Encoding.UTF8.GetString(Guest.Ok(read).Span);

    private sealed class KeepingPool : MemoryPool<byte>
    {
        private readonly Stack<IMemoryOwner<byte>> _free = new();

        public override int MaxBufferSize => 1 << 20;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => _free.TryPop(out var owner) ? owner : new Owner(this);

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Owner(KeepingPool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = new byte[1 << 16];

            public void Dispose() => pool._free.Push(this);
        }
    }
}
