using Windhover.Engine;

namespace Windhover.Wasi;

/// <summary>
/// What one guest holds of the host at the moment. Every piece is charged to the app's <see cref="BudgetMeter"/>, so that a leak in a guest ends in an
/// ordinary error of that guest instead of a host without file descriptors. Used from the guest's thread and from completions.
/// </summary>
internal sealed class WasiUsage(BudgetMeter meter) : IDisposable
{
    private readonly Lock _lock = new(); // of what is held: pumps give back while the guest ends
    private int _files;
    private int _connections;
    private int _requests;
    private long _hostMemory;
    private long _bytesOut;
    private bool _ended;

    /// <summary>Counts one more file, connection or outgoing request, if the budget allows.</summary>
    public bool TryOpen(BudgetKind kind)
    {
        if (!meter.TryCharge(kind, 1))
            return false;
        Interlocked.Increment(ref Counter(kind));
        return true;
    }

    /// <summary>Counts one fewer.</summary>
    public void Closed(BudgetKind kind)
    {
        Interlocked.Decrement(ref Counter(kind));
        meter.Release(kind, 1);
    }

    /// <summary>How many are open.</summary>
    public int Count(BudgetKind kind) => Volatile.Read(ref Counter(kind));

    /// <summary>Counts bytes that the host is about to keep for the guest.</summary>
    /// <exception cref="BudgetExceededException">The budget does not allow them: the guest traps.</exception>
    public void Hold(int bytes)
    {
        if (!TryHold(bytes, out var full))
            throw full!.Exceeded(BudgetKind.HostMemory);
    }

    /// <summary>The same for a caller who has another answer than a trap.</summary>
    public bool TryHold(int bytes) => TryHold(bytes, out _);

    /// <summary>Counts off bytes that the host no longer keeps. Nothing to do when the guest has ended: it was counted off whole.</summary>
    public void Unhold(int bytes)
    {
        lock (_lock)
        {
            if (_ended || bytes == 0)
                return;
            _hostMemory -= bytes;
            meter.Release(BudgetKind.HostMemory, bytes);
        }
    }

    /// <summary>Why a stream takes no more bytes, as its guest reads it.</summary>
    public string HostMemoryIsFull => meter.Exceeded(BudgetKind.HostMemory).Message;

    private bool TryHold(int bytes, out BudgetMeter? full)
    {
        lock (_lock)
        {
            full = null;
            if (_ended)
                return true; // what still runs ends soon, and nobody would count it off
            if (!meter.TryCharge(BudgetKind.HostMemory, bytes, out full))
                return false;
            _hostMemory += bytes;
            return true;
        }
    }

    /// <summary>Counts a refusal that was decided where the limit of a run is known.</summary>
    public void Reject(BudgetKind kind) => meter.Reject(kind);

    /// <summary>Counts bytes that went out: bodies, standard output.</summary>
    public void AddOutput(int bytes) => Interlocked.Add(ref _bytesOut, bytes);

    /// <summary>All bytes that went out.</summary>
    public long BytesOut => _bytesOut;

    /// <summary>The guest has ended: whatever bytes are still counted are not kept any more. Files and sockets are counted off as they close.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
            meter.Release(BudgetKind.HostMemory, _hostMemory);
            _hostMemory = 0;
        }
    }

    private ref int Counter(BudgetKind kind)
    {
        switch (kind)
        {
            case BudgetKind.Files:
                return ref _files;
            case BudgetKind.Connections:
                return ref _connections;
            default:
                return ref _requests;
        }
    }
}
