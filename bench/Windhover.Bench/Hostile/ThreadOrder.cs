using System.Globalization;
using System.Runtime.InteropServices;

namespace Windhover.Bench.Hostile;

/// <summary>Who runs before whom where there are fewer processors than threads. Linux; elsewhere nothing happens.</summary>
internal static partial class ThreadOrder
{
    private const int Fifo = 1;
    private const int Idle = 5;

    // The runtime makes threads of its own on whichever thread needs them, as that which compiles: those must not go before the server.
    private const int ResetOnFork = 0x40000000;

    /// <summary>The calling thread runs as soon as it can, whatever else runs. False where the system lets it do no more than be preferred (or not even that).</summary>
    public static bool BeforeOthers()
    {
        if (!OperatingSystem.IsLinux())
            return false;
        if (sched_setscheduler(0, Fifo | ResetOnFork, 1) == 0)
            return true;
        _ = setpriority(0, 0, -10);
        return false;
    }

    /// <summary>All threads of this process, and those and the processes that they start from now on, run where no other wants to.</summary>
    public static void AfterOthers()
    {
        if (!OperatingSystem.IsLinux())
            return;
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
            _ = sched_setscheduler(int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture), Idle, 0);
    }

    // sched_param is one int.
    [LibraryImport("libc")]
    private static partial int sched_setscheduler(int thread, int policy, in int priority);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);
}
