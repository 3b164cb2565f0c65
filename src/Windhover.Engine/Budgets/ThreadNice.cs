using System.Runtime.InteropServices;

namespace Windhover.Engine;

// Guests that compute for long run behind those that answer at once: their threads are nicer to the others. The kernel then lets a request that comes in run within
// microseconds, where among equals it would wait for the end of a slice (3 ms) of each guest before it; and a machine that has nothing else to do loses nothing.
//
// Any thread may make itself nicer; back again it may only with CAP_SYS_NICE or RLIMIT_NICE. Where that is missing (an ordinary container), only threads that stay as
// they are for good are made nicer.

/// <summary>How much the threads of this process give way to others. Linux; elsewhere nothing happens.</summary>
internal static partial class ThreadNice
{
    /// <summary>Of a guest that computes for long: a tenth of the weight of the others.</summary>
    private const int Step = 10;

    private static readonly Lazy<bool> s_canRestore = new(Try);

    /// <summary>Whether a thread that gave way can be made as it was.</summary>
    public static bool CanRestore => s_canRestore.Value;

    /// <summary>The kernel's number of the calling thread.</summary>
    public static int Current => OperatingSystem.IsLinux() ? gettid() : 0;

    /// <summary>Lets a thread of this process give way.</summary>
    /// <returns>What it was before; pass it to <see cref="Restore"/>.</returns>
    public static int Lower(int thread)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        var before = getpriority(0, thread);
        _ = setpriority(0, thread, before + Step);
        return before;
    }

    /// <summary>Makes it as it was.</summary>
    public static void Restore(int thread, int before)
    {
        if (OperatingSystem.IsLinux())
            _ = setpriority(0, thread, before);
    }

    // On a thread of its own, which is of no use after that.
    private static bool Try()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        var can = false;
        var thread = new Thread(() =>
        {
            var before = Lower(0);
            can = setpriority(0, 0, before) == 0;
        });
        thread.Start();
        thread.Join();
        return can;
    }

    [LibraryImport("libc")]
    private static partial int gettid();

    [LibraryImport("libc")]
    private static partial int getpriority(int which, int who);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);
}

/// <summary>Who wants to know that a run computes for long.</summary>
internal interface ILongRun
{
    /// <summary>It has used more than a few milliseconds of processor time. Once in a run at most, on another thread, before <see cref="CpuWatch.Stop"/> returns.</summary>
    void IsLong();
}
