using System.Runtime.InteropServices;

namespace Windhover.Engine;

// Creating an engine replaces the handlers of SIGSEGV, SIGILL and SIGFPE. Wasmtime's own do their work (a trap of a guest becomes an
// error, any other fault goes on to the handler before), but it installs them with an empty mask and SA_ONSTACK | SA_NODEFER, and
// CoreCLR's need other terms than that:
//
//      managed fault ──► SIGSEGV ──► Wasmtime's handler ──► CoreCLR's handler ──► NullReferenceException
//                                         ▲
//            the GC suspends threads with SIGRTMIN: when that arrives while the handler runs on the alternate stack, the thread is
//            stopped on a stack the GC cannot walk. CoreCLR therefore masks it for SIGSEGV; and takes SIGFPE and SIGILL on the
//            thread's own stack, which SA_ONSTACK would prevent.
//
// Without the fix a NullReferenceException or DivideByZeroException that meets a GC crashes or hangs the process within seconds.
// The fix keeps Wasmtime's handlers and gives them CoreCLR's terms:
//
//      (1) before the first engine, read the three actions of CoreCLR
//      (2) create the engine
//      (3) for each: mask |= CoreCLR's mask (SIGSEGV: also SIGRTMIN); drop SA_ONSTACK and SA_NODEFER where CoreCLR's had none
//      (4) reinstall
internal static unsafe partial class SignalHandlers
{
    private const int SigIll = 4;
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
            if (_done || !OperatingSystem.IsLinux() || AppContext.TryGetSwitch("Windhover.Engine.KeepEngineSignalHandlers", out var keep) && keep)
                return createEngine();
            SigAction segv = Read(SigSegv), ill = Read(SigIll), fpe = Read(SigFpe);
            var result = createEngine();
            segv.AddToMask(GetSigRtMin());
            Repair(SigSegv, segv);
            Repair(SigIll, ill);
            Repair(SigFpe, fpe);
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

    private static void Repair(int signal, in SigAction original)
    {
        var action = Read(signal);
        action.AddToMask(original);
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
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;

        public void AddToMask(int signal) => Mask[(signal - 1) / 64] |= 1UL << ((signal - 1) % 64);

        public void AddToMask(in SigAction other)
        {
            for (var i = 0; i < 16; i++)
                Mask[i] |= other.Mask[i];
        }
    }
}
