using System.Runtime.CompilerServices;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

// What every way into a guest does, in this order:
//
//   (1) Own             what is called belongs to this store, and the store is not disposed (one compare covers both)
//   (2) Enter           no other thread runs in the store, and this one has enough stack
//   (3) the native call
//   (4) Leave
//   (5) ThrowIfFailed   what a host function threw on the way, or else the guest's trap
public sealed unsafe partial class Store
{
    private int _runningThread;
    private Exception? _pending;

    /// <summary>Marks the store as running on this thread. The result goes to <see cref="Leave"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int Enter()
    {
        var thread = Environment.CurrentManagedThreadId;
        var outer = _runningThread;
        if (outer == 0)
            StackGuard.Ensure(_maxStack);
        else if (outer != thread)
            ThrowTwoThreads();
        _runningThread = thread;
        return outer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Leave(int outer) => _runningThread = outer;

    /// <summary>The native context, after the check that something with the given id is of this store, which is not disposed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal nint Own(ulong id)
    {
        if (id != _id)
            ThrowForeign();
        return _context;
    }

    /// <summary>First half of an instantiation: counts the instance and enters the store.</summary>
    internal int BeginInstance(GuardedCode? guarded)
    {
        var outer = Enter();
        try
        {
            _cell.AddInstance();
            if (_limits?.MaxMemories is not null && _cell.Guards is { } guards)
                SetLimits(guards.Count + (guarded is null ? 0 : 1));
        }
        catch
        {
            Leave(outer);
            throw;
        }
        return outer;
    }

    /// <summary>Second half: leaves the store and wraps the instance, or throws what went wrong.</summary>
    internal Instance EndInstance(int outer, nint error, nint trap, NativeInstance instance, GuardedCode? guarded)
    {
        Leave(outer);
        if ((error | trap) != 0)
        {
            // An instance whose start function trapped stays in the native store, but no harm is done in counting one too few.
            _cell.RemoveInstance();
            ThrowFailure(error, trap);
        }
        _id = instance.StoreId;
        if (guarded is not null)
            Guard(instance, guarded);
        return new Instance(instance);
    }

    /// <summary>Instead of the second half, when the native call was not made.</summary>
    internal void AbandonInstance(int outer)
    {
        Leave(outer);
        _cell.RemoveInstance();
    }

    /// <summary>Keeps what a host function threw until the call that entered the guest returns; gives the trap that makes it return.</summary>
    internal nint Stash(Exception exception)
    {
        _pending = exception;
        fixed (byte* message = "host"u8)
            return Native.wasmtime_trap_new(message, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void ThrowIfFailed(nint error, nint trap)
    {
        if ((error | trap) != 0)
            ThrowFailure(error, trap);
    }

    private void ThrowFailure(nint error, nint trap)
    {
        var pending = _pending;
        _pending = null;
        NativeFailure.Throw(_context, _cell.Guards, pending, error, trap);
    }

    private void ThrowForeign()
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        throw new InvalidOperationException("The function, memory, table, global or instance belongs to another store (or is the default value).");
    }

    private static void ThrowTwoThreads() =>
        throw new InvalidOperationException("The store is running on another thread: a store serves one thread at a time.");
}
