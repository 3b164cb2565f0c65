using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

// The alternate stack that a thread's SIGSEGV handler runs on. CoreCLR gives each thread one of 16 KiB, and frees it when the thread ends, provided
// that it is still the one in force. Wasmtime finds it too small, puts one of its own in force when the thread first enters a guest, and takes
// that one away when the thread ends. CoreCLR's is never seen again: two memory maps lost for each thread that ran a guest and ended, of the 65,530
// that the kernel allows a process (.NET's pool lets threads go after 20 idle seconds: about 300 maps per million requests of a server).
//
//      thread starts       first guest                          thread ends
//      CoreCLR: 16 KiB ──► Wasmtime: 256 KiB ─────────────────► Wasmtime frees 256 KiB; 16 KiB stay
//      CoreCLR: 16 KiB ──► here: 256 KiB, CoreCLR's unmapped ──► Wasmtime had nothing to do; CoreCLR turns ours off; `free` gets it
//
// The thread's end calls `free` without any managed code: it is the destructor of a pthread key whose value in this thread is the stack. Destructors run
// in the order in which keys were made, CoreCLR's long before ours. A runtime without such stacks is left alone, Wasmtime frees what it makes.
// Having come from malloc, the stack has no guard page: Wasmtime's handler and CoreCLR's, the only ones on it, use a fraction of 256 KiB.
internal static unsafe partial class SignalStack
{
    // The least that Wasmtime 50 leaves in place.
    private const int Size = 256 * 1024;

    private const int Disabled = 2;

    private static readonly uint? s_key = CreateKey();

    /// <summary>Gives this thread a stack that Wasmtime leaves in place. Before the thread's first guest; changes nothing where it cannot.</summary>
    public static void Prepare()
    {
        AlternateStack old;
        if (s_key is not { } key || sigaltstack(null, &old) != 0 || (old.Flags & Disabled) != 0 || old.Size >= Size)
            return;
        var memory = NativeMemory.Alloc(Size);
        var stack = new AlternateStack { Memory = (nint)memory, Size = Size };
        if (pthread_setspecific(key, memory) != 0)
            NativeMemory.Free(memory);
        else if (sigaltstack(&stack, null) == 0)
            _ = munmap(old.Memory, old.Size);
    }

    // macOS uses Mach exceptions and Windows vectored handlers. What native AOT does with its threads' stacks was not examined.
    private static uint? CreateKey()
    {
        uint key;
        return OperatingSystem.IsLinux() && RuntimeFeature.IsDynamicCodeSupported
            && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "free", out var free) && pthread_key_create(&key, free) == 0
            ? key
            : null;
    }

    [LibraryImport("libc")]
    private static partial int sigaltstack(AlternateStack* stack, AlternateStack* old);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);

    [LibraryImport("libc")]
    private static partial int pthread_key_create(uint* key, nint destructor);

    [LibraryImport("libc")]
    private static partial int pthread_setspecific(uint key, void* value);

    // stack_t of glibc and musl on 64-bit Linux.
    [StructLayout(LayoutKind.Sequential)]
    private struct AlternateStack
    {
        public nint Memory;
        public int Flags;
        public nuint Size;
    }
}
