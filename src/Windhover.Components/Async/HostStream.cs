using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>
/// A <c>stream&lt;T&gt;</c> that the host writes and a guest reads. It is an argument or a result, used once; writing begins when it is passed to the guest, and goes
/// no faster than the guest reads. A source that fails traps the guest, since streams carry no errors.
/// </summary>
public sealed class HostStream : IChannelSource
{
    private readonly Func<HostStreamWriter, CancellationToken, Task> _write;
    private readonly bool _isBytes;
    private int _taken;

    private HostStream(Func<HostStreamWriter, CancellationToken, Task> write, bool isBytes)
    {
        _write = write;
        _isBytes = isBytes;
    }

    /// <summary>A stream of whatever <paramref name="write"/> writes; it ends when that completes.</summary>
    /// <param name="write">Called when the stream is passed to a guest. Its token fires when the guest drops its end or the component ends.</param>
    public static HostStream Create(Func<HostStreamWriter, CancellationToken, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        return new HostStream(write, isBytes: false);
    }

    /// <summary>A <c>stream&lt;u8&gt;</c> of bytes that are there already. They must not change until the guest has read them.</summary>
    public static HostStream FromBytes(ReadOnlyMemory<byte> bytes) => new(
        async (writer, cancellation) => await writer.WriteAsync(bytes, cancellation).ConfigureAwait(false), isBytes: true);

    /// <summary>A <c>stream&lt;u8&gt;</c> of what comes out of a pipe, copied from pipe memory into the guest's. Completes the reader in the end.</summary>
    public static HostStream FromPipe(PipeReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return new HostStream((writer, cancellation) => PumpAsync(reader, writer, cancellation), isBytes: true);
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

    string? IChannelSource.Difference(ValType type) => type switch
    {
        StreamType { Element: var element } when !_isBytes || element == PrimitiveType.U8 => null,
        StreamType => "it is a stream of bytes",
        _ => "it is a stream",
    };

    SharedChannel IChannelSource.Take(ComponentInstance root, ValType type)
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
            throw new InvalidOperationException("A HostStream is passed to a guest once.");
        var shared = new SharedStream(((StreamType)type).Element);
        var writer = new HostStreamWriter(root, shared);
        root.Scheduler.BeginOutside();
        _ = RunAsync(root, shared, writer);
        return shared;
    }

    private async Task RunAsync(ComponentInstance root, SharedStream shared, HostStreamWriter writer)
    {
        var dropped = new CancellationTokenSource(); // not disposed: the end of the store may cancel it at any time, and it holds nothing
        Action<Exception> ended = _ => dropped.Cancel();
        Exception? error = null;
        shared.OnDropped = dropped.Cancel;
        root.Scheduler.OnFailure(ended);
        try
        {
            await _write(writer, dropped.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (dropped.IsCancellationRequested)
        {
            // The guest has had enough.
        }
        catch (Exception e)
        {
            error = e;
        }

        root.Scheduler.ForgetFailure(ended);
        root.Scheduler.EndOutside(() =>
        {
            shared.OnDropped = null;
            if (error is not null && !shared.IsDropped)
                throw new Engine.TrapException(Engine.TrapKind.Host, $"The source of a stream failed: {error.Message}", error);
            shared.Drop();
        });
    }

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
}

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
        await HostCopy.RunAsync(_root, _stream, source, reads: false, cancellationToken).ConfigureAwait(false);
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
            await HostCopy.RunAsync(_root, _stream, source, reads: false, cancellationToken).ConfigureAwait(false);
            if (source.Progress == 0)
                break;
            written += (int)source.Progress;
        }

        return written;
    }
}
