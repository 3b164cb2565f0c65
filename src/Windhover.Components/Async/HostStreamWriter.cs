using System.Runtime.InteropServices;
using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>Writes a <see cref="HostStream"/>. One write at a time.</summary>
public sealed class HostStreamWriter
{
    private readonly ComponentInstance _root;
    private readonly SharedStream _stream;

    internal HostStreamWriter(ComponentInstance root, SharedStream stream)
    {
        _root = root;
        _stream = stream;
    }

    /// <summary>The type of the items; null for a stream that only counts.</summary>
    public ValType? Element => _stream.Element;

    /// <summary>Writes bytes to a <c>stream&lt;u8&gt;</c>; completes when the guest has read all of them, or reads no more.</summary>
    /// <returns>How many the guest has read: fewer than given when it dropped its end.</returns>
    public async ValueTask<int> WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default)
    {
        int written = 0;
        while (written < bytes.Length && await WriteSomeAsync(bytes[written..], cancellationToken).ConfigureAwait(false) is > 0 and var count)
            written += count;
        return written;
    }

    /// <summary>Writes bytes; completes when the guest has read some of them.</summary>
    /// <returns>How many; 0 when the guest dropped its end.</returns>
    internal async ValueTask<int> WriteSomeAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (Element != PrimitiveType.U8)
            throw new InvalidOperationException($"Bytes are written to a stream<u8>, and this is a stream<{Element}>: write values to it.");
        var source = new HostBytes(MemoryMarshal.AsMemory(bytes)); // only read from
        await HostCopy.RunAsync(_root, _stream, source, reads: false, end: null, cancellationToken).ConfigureAwait(false);
        return (int)source.Progress;
    }

    /// <summary>Writes dynamic values; completes when the guest has read all of them, or reads no more.</summary>
    /// <returns>How many the guest has read: fewer than given when it dropped its end.</returns>
    /// <exception cref="ArgumentException">A value does not fit the stream's type.</exception>
    public async ValueTask<int> WriteValuesAsync(IReadOnlyList<object?> values, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        object?[] items = [.. values];
        foreach (object? item in items)
        {
            if (Element is not null && Values.ComponentValues.Difference(Element, item) is { } difference)
                throw new ArgumentException($"An item does not fit `{Element}`: {difference}.", nameof(values));
        }

        int written = 0;
        while (written < items.Length)
        {
            var source = new HostValues(items[written..]);
            await HostCopy.RunAsync(_root, _stream, source, reads: false, end: null, cancellationToken).ConfigureAwait(false);
            if (source.Progress == 0)
                break;
            written += (int)source.Progress;
        }

        return written;
    }
}

/// <summary>Writes a <see cref="HostStream{T}"/>. One write at a time.</summary>
public sealed class HostStreamWriter<T>
{
    private readonly ComponentInstance _root;
    private readonly SharedStream _stream;
    private readonly StoreItem<T>? _store;

    internal HostStreamWriter(ComponentInstance root, SharedStream stream, StoreItem<T>? store)
    {
        _root = root;
        _stream = stream;
        _store = store;
    }

    /// <summary>Writes items; completes when the guest has read all of them, or reads no more. Numbers go straight into the guest's memory.</summary>
    /// <returns>How many the guest has read: fewer than given when it dropped its end. Resources among the others stay the caller's.</returns>
    public async ValueTask<int> WriteAsync(ReadOnlyMemory<T> items, CancellationToken cancellationToken = default)
    {
        int written = 0;
        while (written < items.Length)
        {
            var source = new HostItems<T>(MemoryMarshal.AsMemory(items[written..]), null, _store); // only read from
            await HostCopy.RunAsync(_root, _stream, source, reads: false, end: null, cancellationToken).ConfigureAwait(false);
            if (source.Progress == 0)
                break;
            written += (int)source.Progress;
        }

        return written;
    }

    /// <summary>Writes one item.</summary>
    /// <returns>Whether the guest has read it. When not, it has dropped its end, and a resource stays the caller's.</returns>
    public async ValueTask<bool> WriteAsync(T item, CancellationToken cancellationToken = default) =>
        await WriteAsync(new[] { item }, cancellationToken).ConfigureAwait(false) == 1;
}
