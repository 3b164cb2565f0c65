using System.IO.Pipelines;
using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>
/// The readable end of a <c>stream&lt;T&gt;</c> that a guest gave to the host. The guest's writes wait until the host reads: that is the backpressure. Read it to
/// its end or dispose it, which tells the guest that nobody reads any more; or give it to a guest of the same component as it is. One read at a
/// time, from any thread.
/// </summary>
public sealed class GuestStreamReader : IDisposable, IChannelSource, IHostEnd
{
    private const int MaxUnflushed = 64 * 1024;

    private readonly ComponentInstance _root;
    private readonly SharedChannel _stream;
    private int _state; // 0: the host's, 1: over or given away

    internal GuestStreamReader(ComponentInstance root, SharedChannel stream)
    {
        _root = root;
        _stream = stream;
        root.Scheduler.BeginOutside(); // as long as the host may read, a guest that waits for it is no deadlock
    }

    internal ComponentInstance Root => _root;

    /// <summary>The type of the items; null for a stream that only counts.</summary>
    public ValType? Element => _stream.Element;

    /// <summary>Reads bytes of a <c>stream&lt;u8&gt;</c>: straight from the guest's memory into <paramref name="buffer"/>.</summary>
    /// <param name="buffer">At least one byte; not to be touched until the read is over.</param>
    /// <param name="cancellationToken">Ends the read; bytes that came before are returned.</param>
    /// <returns>The number of bytes; 0 at the end of the stream.</returns>
    /// <exception cref="InvalidOperationException">The stream is of another type, or was disposed or given away.</exception>
    /// <exception cref="Engine.TrapException">The guest trapped.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Element != PrimitiveType.U8)
            throw new InvalidOperationException($"Bytes are read from a stream<u8>, and this is a stream<{Element}>: read values from it.");
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length);
        var target = new HostBytes(buffer);
        return Count(ReadAsync(target, cancellationToken), target);

        static ValueTask<int> Count(ValueTask<CopyResult> reading, HostBytes target) =>
            reading.IsCompletedSuccessfully ? ValueTask.FromResult((int)target.Progress) : AwaitAsync(reading, target);

        static async ValueTask<int> AwaitAsync(ValueTask<CopyResult> reading, HostBytes target)
        {
            await reading.ConfigureAwait(false);
            return (int)target.Progress;
        }
    }

    /// <summary>
    /// Whether items or the end are there, so that a read would not wait. A hint: it may be overtaken by what the guest does. Flush what you have written before a read that
    /// may wait, and not before one that does not.
    /// </summary>
    public bool IsReadable => _stream.IsReadable;

    /// <summary>Reads up to <paramref name="maxItems"/> items as dynamic values (see <see cref="Values.ComponentValues"/>).</summary>
    /// <returns>The items; none at the end of the stream.</returns>
    /// <exception cref="InvalidOperationException">The stream was disposed or given away.</exception>
    /// <exception cref="Engine.TrapException">The guest trapped.</exception>
    public async ValueTask<object?[]> ReadValuesAsync(int maxItems, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxItems);
        var items = new object?[maxItems];
        var target = new HostValues(items);
        await ReadAsync(target, cancellationToken).ConfigureAwait(false);
        return items[..(int)target.Progress];
    }

    /// <summary>Reads a <c>stream&lt;u8&gt;</c> to its end into pipe memory, no faster than the pipe is read. Does not complete the writer.</summary>
    /// <param name="writer">When its reader has completed, the guest's stream is dropped.</param>
    /// <param name="cancellationToken">Ends the copy.</param>
    public async Task CopyToAsync(PipeWriter writer, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(writer);
        int unflushed = 0;
        while (await ReadAsync(writer.GetMemory(1), cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            writer.Advance(count);
            unflushed += count;
            if (IsReadable && unflushed < MaxUnflushed)
                continue;
            unflushed = 0;
            FlushResult flushed = await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (flushed.IsCompleted)
            {
                Dispose();
                return;
            }
        }

        if (unflushed > 0)
            await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Drops the end. A pending write of the guest ends as dropped.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _state, 1) == 0)
            _root.Scheduler.EndOutside(_stream.Drop);
    }

    string? IChannelSource.Difference(ValType type) =>
        type is StreamType stream && stream.Element == Element ? null : $"it is a stream<{Element}>";

    SharedChannel IChannelSource.Take(ComponentInstance root, ValType type)
    {
        if (!ReferenceEquals(root, _root))
            throw new InvalidOperationException("The stream belongs to another component: copy it into a HostStream.");
        if (Interlocked.Exchange(ref _state, 1) != 0)
            throw new InvalidOperationException("The stream was disposed or given away.");
        root.Scheduler.EndOutsideInTurn();
        return _stream;
    }

    void IHostEnd.OnCopied(CopyResult result)
    {
        if (result == CopyResult.Dropped && Interlocked.Exchange(ref _state, 1) == 0)
            _root.Scheduler.EndOutsideInTurn();
    }

    /// <summary>Reads into <paramref name="target"/>, which counts; nothing at the end of the stream.</summary>
    internal ValueTask<CopyResult> ReadAsync(CopyBuffer target, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _state) == 0)
        {
            if (!_stream.IsDropped || !_root.Scheduler.ExpectsCalls)
                return HostCopy.RunAsync(_root, _stream, target, reads: true, this, cancellationToken);

            // The end needs no turn: nothing comes after it.
            ((IHostEnd)this).OnCopied(CopyResult.Dropped);
            return ValueTask.FromResult(CopyResult.Dropped);
        }

        return _stream.IsDropped ? ValueTask.FromResult(CopyResult.Dropped) : throw new InvalidOperationException("The stream was disposed or given away.");
    }
}
