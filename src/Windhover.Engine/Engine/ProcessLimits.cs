using System.Globalization;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

/// <summary>Limits that a worker process sets on itself before it touches anything that it was sent. They cannot be lifted afterwards.</summary>
public static unsafe partial class ProcessLimits
{
    private const int ResourceData = 2; // RLIMIT_DATA on Linux, all architectures

    /// <summary>
    /// Lets this process have no more than <paramref name="bytes"/> of private writable memory beyond what it has now. An allocation beyond fails: libwasmtime
    /// then aborts the process, .NET throws or ends it. Address space that is only reserved does not count, so the runtime's own reservations do not.
    /// </summary>
    /// <returns>False where the system has no such limit (anything but Linux): the caller must watch from outside.</returns>
    public static bool TryLimitPrivateMemory(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        if (!OperatingSystem.IsLinux())
            return false;
        var limit = stackalloc ulong[2];
        if (getrlimit(ResourceData, limit) != 0)
            return false;
        var wanted = (ulong)PrivateBytes() + (ulong)bytes;
        limit[0] = limit[1] = Math.Min(limit[1], wanted);
        return setrlimit(ResourceData, limit) == 0;
    }

    /// <summary>
    /// Lets the calling thread, and the threads and processes that it starts from now on, give way to others (a tenth of their share, and never before them, on Linux; elsewhere nothing happens).
    /// </summary>
    /// <param name="leaveOneProcessor">Whether they keep off one processor, where there are several.</param>
    public static void GiveWay(bool leaveOneProcessor = false) => ThreadSchedule.Computes(leaveOneProcessor);

    /// <summary>
    /// For a server's process, once, before it listens: its threads, and those that they start from now on, run as soon as they wake up, also beside guests that compute (Linux 6.12 and
    /// later; elsewhere nothing happens). Guests that are known to compute are put behind them by the host itself.
    /// </summary>
    public static void AnswerAtOnce() => ThreadSchedule.Answers();

    /// <summary>Asks the kernel to end this process first when the machine runs out of memory: a worker's work can be done again.</summary>
    public static void PreferAsVictim()
    {
        if (!OperatingSystem.IsLinux())
            return;
        try
        {
            File.WriteAllText("/proc/self/oom_score_adj", "1000");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only a wish.
        }
    }

    // VmData of /proc/self/status, in kB: what the limit is compared with.
    private static long PrivateBytes()
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith("VmData:", StringComparison.Ordinal))
                return long.Parse(line.AsSpan(7).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        return 0;
    }

    [LibraryImport("libc")]
    private static partial int getrlimit(int resource, ulong* limit);

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, ulong* limit);
}
