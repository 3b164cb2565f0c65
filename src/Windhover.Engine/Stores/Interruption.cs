using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

// A deadline alone is native: Wasmtime compares the epoch with the store's deadline and traps. A cancellation token needs a look at it
// now and then, so the native deadline becomes "the next tick", and this callback, on the guest's thread between two instructions,
// decides each time: stop, or go on for one more tick. It costs 0.1 µs per tick and running store.
internal sealed unsafe class Interruption
{
    private ulong _ticksLeft;
    private CancellationToken _cancellation;

    /// <summary>Puts the callback into a native store, for good: the C API has no way to take it out.</summary>
    public static Interruption Install(nint store)
    {
        Native.wasmtime_store_epoch_deadline_callback(store, &OnDeadline, 0, 0);
        return new Interruption();
    }

    /// <summary>Starts a period, and gives the native deadline for its first step.</summary>
    public ulong Start(ulong ticks, CancellationToken cancellation)
    {
        _cancellation = cancellation;
        if (!cancellation.CanBeCanceled)
        {
            _ticksLeft = 0;
            return ticks;
        }
        _ticksLeft = ticks - 1;
        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint OnDeadline(nint context, nint data, ulong* delta, byte* kind)
    {
        var store = Unsafe.As<Store>(GCHandle.FromIntPtr(Native.wasmtime_context_get_data(context)).Target!);
        return store.OnDeadline(delta);
    }

    /// <summary>Null to go on for another tick, else what the guest is stopped with.</summary>
    public TrapException? Decide()
    {
        if (_cancellation.IsCancellationRequested)
            return new TrapException(TrapKind.Interrupt, "The guest was cancelled.", new OperationCanceledException(_cancellation));
        if (_ticksLeft == 0)
            return new TrapException(TrapKind.Interrupt, "The guest ran past its deadline.");
        _ticksLeft--;
        return null;
    }
}
