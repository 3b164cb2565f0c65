using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Channels;
using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>
/// A <c>stream&lt;T&gt;</c> that the host writes and a guest reads. It is an argument or a result, used once; writing begins when it is passed to the guest, and goes
/// no faster than the guest reads. A source that fails traps the guest, since streams carry no errors. This class is for bytes and dynamic values;
/// <see cref="HostStream{T}"/> for typed items.
/// </summary>
public sealed class HostStream : IChannelSource
{
    private readonly HostStreamSource _source;

    private HostStream(HostStreamSource source) => _source = source;

    /// <summary>A stream that ends at once.</summary>
    public static HostStream Empty => Create(static (_, _) => Task.CompletedTask);

    /// <summary>A stream of whatever <paramref name="write"/> writes; it ends when that completes.</summary>
    /// <param name="write">Called when the stream is passed to a guest. Its token fires when the guest drops its end or the component ends.</param>
    public static HostStream Create(Func<HostStreamWriter, CancellationToken, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return new HostStream(new Source(write, isBytes: false));
    }

    /// <summary>A <c>stream&lt;u8&gt;</c> of bytes that are there already. They must not change until the guest has read them.</summary>
    public static HostStream FromBytes(ReadOnlyMemory<byte> bytes) => new(new Source(
        async (writer, cancellation) => await writer.WriteAsync(bytes, cancellation).ConfigureAwait(false), isBytes: true));

    /// <summary>A <c>stream&lt;u8&gt;</c> of what comes out of a pipe, copied from pipe memory into the guest's. Completes the reader in the end.</summary>
    public static HostStream FromPipe(PipeReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new HostStream(new Source((writer, cancellation) => PumpAsync(reader, writer, cancellation), isBytes: true));
    }

    /// <summary>
    /// Hands a <c>stream&lt;u8&gt;</c> on that a guest gave: to a guest of the same component as it is, to one of another component through a buffer of 64 KiB.
    /// </summary>
    public static HostStream FromGuest(GuestStreamReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new HostStream(new GuestSource(reader));
    }

    /// <summary>A stream of dynamic values (see <see cref="Values.ComponentValues"/>).</summary>
    public static HostStream FromValues(IAsyncEnumerable<object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Create(async (writer, cancellation) =>
        {
            await foreach (object? value in values.WithCancellation(cancellation).ConfigureAwait(false))
            {
                if (await writer.WriteValuesAsync([value], cancellation).ConfigureAwait(false) == 0)
                    return;
            }
        });
    }

    /// <summary>A stream of whatever <paramref name="write"/> writes; it ends when that completes.</summary>
    /// <param name="write">Called when the stream is passed to a guest. Its token fires when the guest drops its end or the component ends.</param>
    public static HostStream<T> Create<T>(Func<HostStreamWriter<T>, CancellationToken, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return HostStream<T>.Create(write);
    }

    /// <summary>A stream of items as they come. Enumeration begins when the stream is passed to a guest; an item that the guest does not take is disposed.</summary>
    public static HostStream<T> From<T>(IAsyncEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return HostStream<T>.From(items);
    }

    /// <summary>A stream of what comes out of a channel, until it is completed; an item that the guest does not take is disposed.</summary>
    public static HostStream<T> From<T>(ChannelReader<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return HostStream<T>.From(items.ReadAllAsync());
    }

    /// <summary>A stream of items that are there already. They must not change until the guest has read them.</summary>
    public static HostStream<T> From<T>(params T[] items) => HostStream<T>.From((ReadOnlyMemory<T>)items);

    /// <summary>Hands a stream on that a guest gave: to a guest of the same component as it is.</summary>
    public static HostStream<T> FromGuest<T>(GuestStreamReader<T> reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return HostStream<T>.FromGuest(reader);
    }

    /// <summary>The host's end of a stream that a guest gave inside of a named type.</summary>
    /// <exception cref="InvalidOperationException">It is a stream of the host, or was passed on.</exception>
    public GuestStreamReader TakeReader() => _source.TakeReader();

    string? IChannelSource.Difference(ValType type) => type is StreamType stream ? _source.Difference(stream.Element) : "it is a stream";

    SharedChannel IChannelSource.Take(ComponentInstance root, ValType type) => _source.Take(root, type);

    private static async Task PumpAsync(PipeReader reader, HostStreamWriter writer, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                ReadResult read = await reader.ReadAsync(cancellation).ConfigureAwait(false);
                ReadOnlySequence<byte> rest = read.Buffer;
                while (!rest.IsEmpty)
                {
                    int count = await writer.WriteSomeAsync(rest.First, cancellation).ConfigureAwait(false);
                    if (count == 0)
                        return;
                    rest = rest.Slice(count);
                }

                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        finally
        {
            await reader.CompleteAsync().ConfigureAwait(false);
        }
    }

    private sealed class Source(Func<HostStreamWriter, CancellationToken, Task> write, bool isBytes) : HostStreamSource
    {
        public override string? Difference(ValType? element) => isBytes && element != PrimitiveType.U8 ? "it is a stream of bytes" : null;

        protected override Task WriteAsync(ComponentInstance root, SharedStream stream, CancellationToken cancellation) =>
            write(new HostStreamWriter(root, stream), cancellation);
    }

    private sealed class GuestSource(GuestStreamReader reader) : HostStreamSource
    {
        private const int BufferSize = 64 * 1024;

        public override GuestStreamReader Guest => reader;

        public override string? Difference(ValType? element) =>
            element != reader.Element ? $"it is a stream<{reader.Element}>" : null;

        protected override async Task WriteAsync(ComponentInstance root, SharedStream stream, CancellationToken cancellation)
        {
            Engine.BudgetMeter? meter = root.Store.Meter;
            using (reader)
            {
                meter?.Charge(Engine.BudgetKind.HostMemory, BufferSize);
                try
                {
                    await CopyAsync(new HostStreamWriter(root, stream), cancellation).ConfigureAwait(false);
                }
                finally
                {
                    meter?.Release(Engine.BudgetKind.HostMemory, BufferSize);
                }
            }
        }

        private async Task CopyAsync(HostStreamWriter writer, CancellationToken cancellation)
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            while (await reader.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var count)
            {
                if (await writer.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false) < count)
                    break;
            }

            ArrayPool<byte>.Shared.Return(buffer); // not after a failure: a turn may still touch it
        }
    }
}
