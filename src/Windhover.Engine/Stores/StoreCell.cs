using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

/// <summary>
/// What of a <see cref="Store"/> needs a finalizer and a GC handle. Cells are used again, so that making and disposing of a store
/// touches neither the finalization queue nor the handle table.
/// </summary>
internal sealed class StoreCell
{
    private const int MaxSpare = 1024;

    private static readonly ConcurrentQueue<StoreCell> Spare = [];
    private static int _spareCount;

    // Weak: native memory must not keep a forgotten store alive.
    private GCHandle _handle = GCHandle.Alloc(null, GCHandleType.Weak);
    private EpochTicker? _deadline;
    private GuardPages? _guards;
    private InstanceCount? _count;
    private int _instances;
    private bool _guarded;

    private StoreCell()
    {
    }

    // The store was forgotten without Dispose, or the cell was one too many to keep. No guest can be running: a call keeps its store alive.
    ~StoreCell()
    {
        if (Native != 0)
            Release();
        _guards?.Release();
        _handle.Free();
    }

    /// <summary>The native store; zero in a spare cell.</summary>
    public nint Native { get; private set; }

    /// <summary>What stops its guests; null when its engine uses something else.</summary>
    public GuardPages? Guards => _guarded ? _guards : null;

    /// <summary>Names the store that is in the cell now, for <see cref="GuardPages.Stop"/>.</summary>
    public long Life { get; private set; }

    /// <summary>What the store's app pays for; given back when the native store is gone.</summary>
    public MemoryLease? Lease { get; set; }

    public static StoreCell Open(Store store, WasmEngine engine)
    {
        if (Spare.TryDequeue(out var cell))
            Interlocked.Decrement(ref _spareCount);
        else
            cell = new StoreCell();
        cell._handle.Target = store;
        cell._count = engine.Instances;
        cell._guarded = engine.Options.Stopping == Interruption.GuardPage;
        if (cell._guarded)
            cell.Life = (cell._guards ??= new GuardPages()).Open();
        cell.Native = Interop.Native.wasmtime_store_new(engine.Handle, GCHandle.ToIntPtr(cell._handle), 0);
        return cell;
    }

    public void Close()
    {
        Release();
        _handle.Target = null;
        if (Interlocked.Increment(ref _spareCount) <= MaxSpare)
            Spare.Enqueue(this);
        else
            Interlocked.Decrement(ref _spareCount);
    }

    /// <summary>Counts an instance against the machine's limit; <see cref="RemoveInstance"/> takes it back when it was not made.</summary>
    /// <exception cref="ResourceLimitException">The machine allows no more.</exception>
    public void AddInstance()
    {
        _count!.Add();
        _instances++;
    }

    public void RemoveInstance()
    {
        _count!.Remove(1);
        _instances--;
    }

    /// <summary>Keeps the engine's clock running while the store has a deadline.</summary>
    public void SetDeadline(EpochTicker? ticker)
    {
        if (ReferenceEquals(_deadline, ticker))
            return;
        _deadline?.RemoveDeadline();
        _deadline = ticker;
        ticker?.AddDeadline();
    }

    private void Release()
    {
        var native = Native;
        Native = 0;
        if (Guards?.Close() != false)
            Interop.Native.wasmtime_store_delete(native);
        SetDeadline(null);
        if (_instances > 0)
            _count!.Remove(_instances);
        _instances = 0;
        _count = null;
        Lease?.Dispose();
        Lease = null;
    }
}
