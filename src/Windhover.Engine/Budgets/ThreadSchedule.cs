using System.Globalization;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

// What the kernel knows of the threads of a server (Linux; elsewhere nothing happens).
//
// Linux hands a processor on by deadlines (EEVDF, 6.6 and later): who wakes up runs at once if its slice ends before that of who runs, and if it had less than its share. All threads have
// slices of 3 ms as the kernel starts them, so a server's thread that wakes up beside a guest that computes waits for the guest's slice, or the next tick of 4 ms. So:
//
//   threads that answer      slice 0.5 ms    they run as soon as they wake up, for as long as they use little
//   threads of guests        slice 20 ms, "batch": never before others; as much in all as anybody
//   threads of the compiler  the same, and nice: it is not a request that waits for them
//
// Slices cost no share: who is alone has all of the processor. Guests' threads are not nice, since the pool starts threads from whichever thread gives it work, a thread inherits its
// starter's slice and niceness, and being nice cannot be undone. A slice can (AnswersHere).
//
// Slices need 6.12; older kernels ignore them. What the kernel refuses (a sandbox, say) is left as it is.

/// <summary>How a thread gets along with others.</summary>
internal static unsafe partial class ThreadSchedule
{
    private const int Normal = 0; // SCHED_OTHER
    private const int Batch = 3; // SCHED_BATCH
    private const int Processors = 1024;
    private const int Nice = 10;
    private const ulong ShortSlice = 500_000; // ns
    private const ulong LongSlice = 20_000_000;

    private static readonly ulong[] s_all = ReadProcessors();
    private static bool s_answers;

    [ThreadStatic]
    private static bool t_answers;

    /// <summary>The process answers requests: all of its threads, and those that they start.</summary>
    public static void Answers()
    {
        if (!OperatingSystem.IsLinux())
            return;
        s_answers = true;
        try
        {
            foreach (var task in Directory.EnumerateDirectories("/proc/self/task"))
            {
                if (int.TryParse(Path.GetFileName(task), CultureInfo.InvariantCulture, out var thread))
                    Set(thread, Normal, ShortSlice, 0);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A thread has ended, or there is no /proc: those that are left have the usual slice.
        }
    }

    /// <summary>The calling thread, of the pool, answers requests, whatever it has inherited.</summary>
    public static void AnswersHere()
    {
        if (t_answers)
            return;
        t_answers = true;
        if (!OperatingSystem.IsLinux())
            return;
        Set(0, Normal, s_answers ? ShortSlice : 0, 0);
        SetProcessors(s_all);
    }

    /// <summary>The calling thread runs guests that compute.</summary>
    /// <param name="leaveOneProcessor">Whether it keeps off the first processor (where there is another).</param>
    public static void Guest(bool leaveOneProcessor)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Set(0, Batch, LongSlice, 0);
        SetProcessors(leaveOneProcessor ? AllButFirst() : s_all);
    }

    /// <summary>The calling thread, and the threads and processes that it starts, compute what no request waits for. For good: being nice cannot be undone.</summary>
    /// <param name="leaveOneProcessor">As for <see cref="Guest"/>.</param>
    public static void Computes(bool leaveOneProcessor)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Set(0, Batch, LongSlice, Nice);
        if (leaveOneProcessor)
            SetProcessors(AllButFirst());
    }

    /// <summary>What the kernel has of the calling thread: policy, slice in ns (0: the usual), and on how many processors it may run. For tests.</summary>
    internal static (int Policy, ulong Slice, int Processors) Here()
    {
        var attributes = default(Attributes);
        _ = syscall(GetAttributes, 0, &attributes, (nuint)sizeof(Attributes), 0);
        return ((int)attributes.Policy, attributes.Runtime, Count(ReadProcessors()));
    }

    private static void Set(int thread, int policy, ulong slice, int moreNice)
    {
        var attributes = new Attributes
        {
            Size = (uint)sizeof(Attributes),
            Policy = (uint)policy,
            Nice = Math.Min(19, getpriority(0, thread) + moreNice),
            Runtime = slice,
        };
        _ = syscall(SetAttributes, thread, &attributes, 0, 0);
    }

    private static ulong[] AllButFirst()
    {
        if (Count(s_all) < 2)
            return s_all;
        ulong[] left = [.. s_all];
        for (var i = 0; i < left.Length; i++)
        {
            if (left[i] == 0)
                continue;
            left[i] &= left[i] - 1;
            break;
        }

        return left;
    }

    private static int Count(ulong[] processors) => processors.Sum(static p => (int)ulong.PopCount(p));

    private static ulong[] ReadProcessors()
    {
        var processors = new ulong[Processors / 64];
        if (OperatingSystem.IsLinux())
        {
            fixed (ulong* first = processors)
                _ = sched_getaffinity(0, (nuint)Processors / 8, first);
        }

        return processors;
    }

    private static void SetProcessors(ulong[] processors)
    {
        fixed (ulong* first = processors)
            _ = sched_setaffinity(0, (nuint)Processors / 8, first);
    }

    // Neither has a wrapper in older C libraries.
    private static nint SetAttributes => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 314 : 274;

    private static nint GetAttributes => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 315 : 275;

    [LibraryImport("libc")]
    private static partial nint syscall(nint number, nint thread, Attributes* attributes, nuint third, nuint fourth);

    [LibraryImport("libc")]
    private static partial int sched_getaffinity(int thread, nuint size, ulong* processors);

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int thread, nuint size, ulong* processors);

    [LibraryImport("libc")]
    private static partial int getpriority(int which, int who);

    // struct sched_attr, its first version.
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        public uint Size;
        public uint Policy;
        public ulong Flags;
        public int Nice;
        public uint Priority;
        public ulong Runtime;
        public ulong Deadline;
        public ulong Period;
    }
}
