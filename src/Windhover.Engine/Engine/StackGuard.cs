using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

// Wasmtime lets a guest use EngineOptions.MaxWasmStackBytes below the frame that entered it, and does not ask whether the thread has
// that much left. Where it has not, a guest's recursion runs into the thread's guard page, and that ends the process:
//
//      high  ┌──────────────────┐
//            │ managed frames   │
//            ├──────────────────┤ ◄── outermost Function.Call: the check is made here
//            │ guest, and host  │
//            │ functions it     │  MaxWasmStackBytes; below it the guest's prologues trap with StackOverflow
//            │ calls            │
//            ├──────────────────┤
//            │ Reserve          │  for the host function that is called by the last guest frame, signal handling, the GC
//      low   └──────────────────┘ ◄── _low
//
// Nested entries of a store need no check: Wasmtime keeps the limit of the outermost one. A guest of another store that is entered from a host function is an
// outermost one of its own; a host that can choose the thread asks HasRoom first.
internal static unsafe partial class StackGuard
{
    // TryEnsureSufficientExecutionStack, asked before each host function, wants 128 KiB; the rest is for what follows it.
    private const int Reserve = 192 * 1024;

    /// <summary>What the compiler may need on the calling thread. Its own threads have 2 MiB.</summary>
    public const int CompilerBytes = 512 * 1024;

    /// <summary>Lowest usable address of this thread's stack; 0 before the first check; 1 when the system does not tell.</summary>
    [ThreadStatic]
    private static nuint _low;

    /// <summary>Throws unless the thread has room for a guest with the given limit. One nanosecond.</summary>
    /// <exception cref="InsufficientExecutionStackException">It has not.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ensure(int maxWasmStackBytes)
    {
        byte here;
        var low = _low;
        if (low == 0 || (nuint)(&here) - low < (nuint)(maxWasmStackBytes + Reserve))
            EnsureSlowly(maxWasmStackBytes);
    }

    /// <summary>Whether <see cref="Ensure"/> would pass from a frame that is <paramref name="before"/> bytes further down.</summary>
    public static bool HasRoom(int maxWasmStackBytes, int before)
    {
        byte here;
        if (_low == 0)
        {
            _low = FindLow();
            SignalStack.Prepare();
        }

        return (nuint)(&here) - _low >= (nuint)(maxWasmStackBytes + Reserve + before);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void EnsureSlowly(int maxWasmStackBytes)
    {
        byte here;
        if (_low == 0)
        {
            _low = FindLow();
            SignalStack.Prepare();
        }
        var left = (nuint)(&here) - _low;
        if (left < (nuint)(maxWasmStackBytes + Reserve))
        {
            throw new InsufficientExecutionStackException(
                $"The thread has {left / 1024} KiB of stack left, and a guest or the compiler may need {(maxWasmStackBytes + Reserve) / 1024} KiB: "
                + "use a thread with a larger stack, call it less deep, or lower EngineOptions.MaxWasmStackBytes.");
        }
    }

    private static nuint FindLow()
    {
        if (OperatingSystem.IsWindows())
        {
            GetCurrentThreadStackLimits(out var low, out _);
            return low;
        }
        if (OperatingSystem.IsMacOS())
        {
            var self = pthread_self();
            return (nuint)pthread_get_stackaddr_np(self) - pthread_get_stacksize_np(self);
        }
        if (OperatingSystem.IsLinux())
        {
            // pthread_attr_t has 56 bytes on x64 and 64 on arm64.
            var attributes = stackalloc ulong[16];
            if (pthread_getattr_np(pthread_self(), attributes) == 0)
            {
                nuint low, size;
                var found = pthread_attr_getstack(attributes, &low, &size) == 0;
                _ = pthread_attr_destroy(attributes);
                if (found)
                    return low;
            }
        }
        return 1;
    }

    [LibraryImport("kernel32")]
    private static partial void GetCurrentThreadStackLimits(out nuint low, out nuint high);

    [LibraryImport("libc")]
    private static partial nint pthread_self();

    [LibraryImport("libc")]
    private static partial nint pthread_get_stackaddr_np(nint thread);

    [LibraryImport("libc")]
    private static partial nuint pthread_get_stacksize_np(nint thread);

    [LibraryImport("libc")]
    private static partial int pthread_getattr_np(nint thread, ulong* attributes);

    [LibraryImport("libc")]
    private static partial int pthread_attr_getstack(ulong* attributes, nuint* low, nuint* size);

    [LibraryImport("libc")]
    private static partial int pthread_attr_destroy(ulong* attributes);
}
