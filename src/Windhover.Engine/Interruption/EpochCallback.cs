using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

// A deadline alone is native: Wasmtime compares the epoch with the store's deadline and traps. A cancellation token needs a look at it
// now and then, so the native deadline becomes "the next step of the epoch", and this callback, on the guest's thread between two
// instructions, decides each time: stop, or go on for one more step. It costs 0.1 µs per tick and running store.
internal sealed unsafe class EpochCallback
{
    private long _end;
    private CancellationToken _cancellation;

    private EpochCallback()
    {
    }

    /// <summary>Puts the callback into a native store, for good: the C API has no way to take it out.</summary>
    public static EpochCallback Install(nint store)
    {
        Native.wasmtime_store_epoch_deadline_callback(store, &OnDeadline, 0, 0);
        return new EpochCallback();
    }

    /// <summary>Starts a period; <see cref="Timeout.InfiniteTimeSpan"/> has no end.</summary>
    public void Start(TimeSpan timeout, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        var now = Stopwatch.GetTimestamp();
        var length = timeout.TotalSeconds * Stopwatch.Frequency;
        _end = timeout == Timeout.InfiniteTimeSpan || length > (long.MaxValue >> 1) - now ? long.MaxValue : now + (long)length;
    }

    /// <summary>Null to go on for another step, else what the guest is stopped with.</summary>
    public TrapException? Decide()
    {
        if (_cancellation.IsCancellationRequested)
            return new TrapException(TrapKind.Interrupt, "The guest was cancelled.", new OperationCanceledException(_cancellation));
        return Stopwatch.GetTimestamp() >= _end ? new TrapException(TrapKind.Interrupt, "The guest ran past its deadline.") : null;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnDeadline(nint context, nint data, ulong* delta, byte* kind)
    {
        var store = Unsafe.As<Store>(GCHandle.FromIntPtr(Native.wasmtime_context_get_data(context)).Target!);
        return store.OnDeadline(delta);
    }
}
