using Windhover.Components.Types;

namespace Windhover.Components.Async;

/// <summary>
/// The readable end of a <c>stream&lt;T&gt;</c> that a guest gave to the host, with items as <typeparamref name="T"/>. The same rules as
/// <see cref="GuestStreamReader"/>: read it to its end or dispose it, one read at a time. Items that are resources are the reader's to dispose.
/// </summary>
public sealed class GuestStreamReader<T> : IAsyncEnumerable<T>, IDisposable
{
    private const int Batch = 64;
    private readonly LoadItem<T>? _load;

    internal GuestStreamReader(GuestStreamReader untyped, LoadItem<T>? load)
    {
        Untyped = untyped;
        _load = load;
    }

    internal GuestStreamReader Untyped { get; }

    /// <summary>The type of the items.</summary>
    public ValType? Element => Untyped.Element;

    /// <summary>Reads items: numbers straight from the guest's memory into <paramref name="buffer"/>.</summary>
    /// <param name="buffer">At least one item; not to be touched until the read is over.</param>
    /// <param name="cancellationToken">Ends the read; items that came before are returned.</param>
    /// <returns>The number of items; 0 at the end of the stream.</returns>
    /// <exception cref="InvalidOperationException">The stream was disposed or given away.</exception>
    /// <exception cref="Engine.TrapException">The guest trapped.</exception>
    public async ValueTask<int> ReadAsync(Memory<T> buffer, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(buffer.Length);
        var target = new HostItems<T>(buffer, _load, null);
        await Untyped.ReadAsync(target, cancellationToken).ConfigureAwait(false);
        return (int)target.Progress;
    }

    /// <summary>All items to the end of the stream; leaving the loop early drops it. At most 64 are read ahead, those that the guest wrote at once.</summary>
    public async IAsyncEnumerator<T> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        var batch = new T[Batch];
        int next = 0;
        int count = 0;
        try
        {
            while ((count = await ReadAsync(batch, cancellationToken).ConfigureAwait(false)) > 0)
            {
                for (next = 0; next < count;)
                    yield return batch[next++];
            }
        }
        finally
        {
            for (; next < count; next++)
                (batch[next] as IDisposable)?.Dispose();
            Untyped.Dispose();
        }
    }

    /// <summary>Drops the end. A pending write of the guest ends as dropped.</summary>
    public void Dispose() => Untyped.Dispose();
}
