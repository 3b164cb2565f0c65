using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

/// <summary>
/// The processor time of one thread, readable from any thread while that one lives. Where the system has no such clock (all but Linux), wall time since the
/// first use stands in: a guest is then stopped early rather than late.
/// </summary>
internal sealed unsafe partial class ThreadClock
{
    [ThreadStatic]
    private static ThreadClock? t_current;

    private readonly int _id;
    private readonly bool _exists;
    private long _readAt;
    private long _read;

    private ThreadClock()
    {
        var id = 0;
        _exists = OperatingSystem.IsLinux() && pthread_getcpuclockid(pthread_self(), &id) == 0;
        _id = id;
    }

    /// <summary>The clock of the calling thread.</summary>
    public static ThreadClock Current => t_current ??= new ThreadClock();

    /// <summary>Time in ticks of 100 ns; only differences mean anything. 0.3 µs.</summary>
    public long Now()
    {
        TimeSpec now;
        if (!_exists || clock_gettime(_id, &now) != 0)
            return Stopwatch.GetElapsedTime(0).Ticks;
        return ((long)now.Seconds * TimeSpan.TicksPerSecond) + (now.Nanoseconds / 100);
    }

    /// <summary>The same, kept for <see cref="Recent"/>. Of the calling thread only.</summary>
    /// <param name="now">Timestamp of the stopwatch.</param>
    public long Read(long now)
    {
        _readAt = now;
        return _read = Now();
    }

    /// <summary>The last reading, or a new one where that is too old. Of the calling thread only.</summary>
    /// <param name="now">Timestamp of the stopwatch.</param>
    /// <param name="age">Of its unit.</param>
    public long Recent(long now, long age) => now - _readAt > age ? Read(now) : _read;

    [LibraryImport("libc")]
    private static partial nint pthread_self();

    [LibraryImport("libc")]
    private static partial int pthread_getcpuclockid(nint thread, int* clock);

    [LibraryImport("libc")]
    private static partial int clock_gettime(int clock, TimeSpec* time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
