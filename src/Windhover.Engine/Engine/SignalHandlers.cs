using System.Runtime.InteropServices;

namespace Windhover.Engine;

// Creating the first engine of a process replaces the handlers of SIGSEGV, SIGILL and SIGFPE. Wasmtime's own do their work (a trap of
// a guest becomes an error, any other fault goes on to the handler before them), but they are installed with an empty mask and with
// SA_ONSTACK | SA_NODEFER, and CoreCLR's need other terms than that:
//
//      managed fault ──► signal ──► Wasmtime's handler ──► CoreCLR's handler ──► NullReferenceException, DivideByZeroException
//                                         ▲
//            the GC stops threads with SIGRTMIN. When that arrives while a handler runs on the alternate stack, the thread is stopped
//            on a stack that the GC cannot walk. So CoreCLR masks it during SIGSEGV (which must use that stack: the fault may be a
//            stack overflow), and takes SIGFPE and SIGILL on the thread's own stack.
//
// Without the fix, a managed fault that meets a GC crashes or hangs the process within seconds. The fix keeps Wasmtime's handlers and
// gives them CoreCLR's terms:
//
//      (1) before the first engine: read the actions that are in force
//      (2) create the engine
//      (3) for each signal whose handler changed: OR the old mask in (for SIGSEGV also SIGRTMIN), drop SA_ONSTACK and SA_NODEFER
//          where the old action lacked them
//      (4) put it back
internal static unsafe partial class SignalHandlers
{
    /// <summary>An AppContext switch that leaves everything as Wasmtime sets it. Only to show what happens then.</summary>
    internal const string OffSwitch = "Windhover.Engine.DisableSignalFix";

    private const int SigIll = 4;
    private const int SigBus = 7;
    private const int SigFpe = 8;
    private const int SigSegv = 11;
    private const int OnStack = 0x08000000;
    private const int NoDefer = 0x40000000;

    private static readonly Lock Gate = new();
    private static bool _done;

    /// <summary>Runs <paramref name="createEngine"/>; around the first of the process, repairs the signal handlers.</summary>
    public static T Guard<T>(Func<T> createEngine)
    {
        lock (Gate)
        {
            // macOS uses Mach exceptions and Windows vectored handlers: neither touches what CoreCLR has set.
            if (_done || !OperatingSystem.IsLinux() || (AppContext.TryGetSwitch(OffSwitch, out var off) && off))
                return createEngine();

            int[] signals = [SigSegv, SigIll, SigFpe, SigBus];
            var originals = Array.ConvertAll(signals, Read);
            var result = createEngine();
            for (var i = 0; i < signals.Length; i++)
                Repair(signals[i], ref originals[i]);
            _done = true;
            return result;
        }
    }

    private static SigAction Read(int signal)
    {
        SigAction action;
        if (SetAction(signal, null, &action) != 0)
            throw new InvalidOperationException($"The action of signal {signal} cannot be read (errno {Marshal.GetLastSystemError()}).");
        return action;
    }

    private static void Repair(int signal, ref SigAction original)
    {
        var action = Read(signal);
        if (action.Handler == original.Handler)
            return;
        for (var i = 0; i < SigAction.MaskWords; i++)
            action.Mask[i] |= original.Mask[i];
        // A libc may report its own reserved signals as unmasked; CoreCLR's activation signal is the first that is free.
        if (signal == SigSegv)
        {
            var activation = GetSigRtMin() - 1;
            action.Mask[activation / 64] |= 1UL << (activation % 64);
        }
        if ((original.Flags & OnStack) == 0)
            action.Flags &= ~OnStack;
        if ((original.Flags & NoDefer) == 0)
            action.Flags &= ~NoDefer;
        if (SetAction(signal, &action, null) != 0)
            throw new InvalidOperationException($"The action of signal {signal} cannot be set (errno {Marshal.GetLastSystemError()}).");
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SetAction(int signal, SigAction* action, SigAction* old);

    [LibraryImport("libc", EntryPoint = "__libc_current_sigrtmin")]
    private static partial int GetSigRtMin();

    // struct sigaction of glibc and musl on 64-bit Linux: handler, a mask of 128 bytes, flags, restorer.
    [StructLayout(LayoutKind.Sequential)]
    private struct SigAction
    {
        public const int MaskWords = 16;

        public nint Handler;
        public fixed ulong Mask[MaskWords];
        public int Flags;
        public nint Restorer;
    }
}
