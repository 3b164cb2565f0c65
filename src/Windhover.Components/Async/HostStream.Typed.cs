using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>
/// A <c>stream&lt;T&gt;</c> that the host writes and a guest reads, with items as <typeparamref name="T"/>. The same rules as <see cref="HostStream"/>: it is passed
/// to a guest once, writing begins then and goes no faster than the guest reads, and a source that fails traps the guest. Made by the methods of <see cref="HostStream"/>.
/// </summary>
public sealed class HostStream<T>
{
    private readonly Source _source;

    private HostStream(Source source) => _source = source;

    /// <summary>A stream of whatever <paramref name="write"/> writes; it ends when that completes.</summary>
    /// <param name="write">Called when the stream is passed to a guest. Its token fires when the guest drops its end or the component ends.</param>
    internal static HostStream<T> Create(Func<HostStreamWriter<T>, CancellationToken, Task> write)
    {
        return new HostStream<T>(new Source(write, null));
    }

    /// <summary>A stream of items that are there already. They must not change until the guest has read them.</summary>
    internal static HostStream<T> From(ReadOnlyMemory<T> items) =>
        Create(async (writer, cancellation) => await writer.WriteAsync(items, cancellation).ConfigureAwait(false));

    /// <summary>A stream of items as they come. Enumeration begins when the stream is passed to a guest; an item that the guest does not take is disposed.</summary>
    internal static HostStream<T> From(IAsyncEnumerable<T> items)
    {
        return Create(async (writer, cancellation) =>
        {
            await foreach (T item in items.WithCancellation(cancellation).ConfigureAwait(false))
            {
                if (!await TryWriteAsync(writer, item, cancellation).ConfigureAwait(false))
                    return;
            }
        });
    }

    /// <summary>Hands a stream on that a guest gave: to a guest of the same component as it is.</summary>
    internal static HostStream<T> FromGuest(GuestStreamReader<T> reader)
    {
        return new HostStream<T>(new Source(
            async (writer, cancellation) =>
            {
                await foreach (T item in reader.WithCancellation(cancellation).ConfigureAwait(false))
                {
                    if (!await TryWriteAsync(writer, item, cancellation).ConfigureAwait(false))
                        return;
                }
            },
            reader));
    }

    /// <summary>The host's end of a stream that a guest gave inside of a named type.</summary>
    /// <exception cref="InvalidOperationException">It is a stream of the host, or was passed on.</exception>
    public GuestStreamReader<T> TakeReader()
    {
        _source.TakeReader();
        return _source.Reader!;
    }

    internal SharedChannel Take(ComponentInstance root, ValType type, StoreItem<T>? store)
    {
        _source.Store = store;
        return _source.Take(root, type);
    }

    private static async ValueTask<bool> TryWriteAsync(HostStreamWriter<T> writer, T item, CancellationToken cancellation)
    {
        bool taken = false;
        try
        {
            taken = await writer.WriteAsync(item, cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (!taken)
                (item as IDisposable)?.Dispose();
        }

        return taken;
    }

    private sealed class Source(Func<HostStreamWriter<T>, CancellationToken, Task> write, GuestStreamReader<T>? reader) : HostStreamSource
    {
        public StoreItem<T>? Store { get; set; }

        public GuestStreamReader<T>? Reader => reader;

        public override GuestStreamReader? Guest => reader?.Untyped;

        public override string? Difference(ValType? element) => null;

        protected override Task WriteAsync(ComponentInstance root, SharedStream stream, CancellationToken cancellation) =>
            write(new HostStreamWriter<T>(root, stream, Store), cancellation);
    }
}
