using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Windhover.Bench.Hostile;

// What the machine below this one does to everybody. A hypervisor takes a processor away for 2 to 20 ms now and then, and not every one of them says so in /proc/stat. So a thread on each
// processor, before all others under SCHED_FIFO, sleeps for a millisecond again and again: where it wakes up more than 2 ms late, nobody could have run there.
//
//   due ──── 1 ms ──── due ─ ─ ─ late by 7 ms ─ ─ ─ woken          counts as 7
//
// The kernel's own work is not counted as that: it looks up for threads like these far more often than each 2 ms.
internal sealed partial class MachineWatch
{
    private const int Monotonic = 1; // CLOCK_MONOTONIC
    private const int Absolute = 1; // TIMER_ABSTIME
    private const long Step = 1_000_000; // ns
    private const long Late = 2 * Step;

    private long _lost;

    /// <summary>Time that processors were not there, so far, all of them added up.</summary>
    public TimeSpan Lost => TimeSpan.FromTicks(Volatile.Read(ref _lost) / 100);

    /// <summary>Begins to watch, until the process ends. Linux; elsewhere nothing is seen.</summary>
    public void Start()
    {
        if (!OperatingSystem.IsLinux())
            return;
        for (int i = 0; i < Environment.ProcessorCount; i++)
        {
            int processor = i;
            new Thread(() => Watch(processor)) { IsBackground = true, Name = $"watch {processor}" }.Start();
        }
    }

    private void Watch(int processor)
    {
        ulong[] only = new ulong[16];
        only[processor / 64] = 1ul << (processor % 64);
        if (sched_setaffinity(0, (nuint)only.Length * 8, only) != 0 || !ThreadOrder.BeforeOthers())
            return; // It would see what the server does, too.
        while (true)
        {
            long due = Stopwatch.GetTimestamp() + Step; // Linux counts in ns, from the same moment as clock_nanosleep
            _ = clock_nanosleep(Monotonic, Absolute, [due / 1_000_000_000, due % 1_000_000_000], 0);
            long late = Stopwatch.GetTimestamp() - due;
            if (late > Late)
                Interlocked.Add(ref _lost, late);
        }
    }

    [LibraryImport("libc")]
    private static partial int sched_setaffinity(int thread, nuint size, ReadOnlySpan<ulong> processors);

    [LibraryImport("libc")]
    private static partial int clock_nanosleep(int clock, int flags, ReadOnlySpan<long> time, nint left);
}
