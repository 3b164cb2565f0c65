using System.Globalization;
using System.Runtime.InteropServices;
using Windhover.Engine;

namespace Windhover.Components.Tests.Compilation;

/// <summary>
/// A process at the edge of <c>compile-memory</c>. The runtime's own threads map memory too, so the room that is left is read at once before each try, and a try that
/// they came between is repeated.
/// </summary>
internal static partial class MemoryEdge
{
    public const string Switch = "--memory-edge";

    private const long Page = 4096;
    private const long Budget = 256L << 20;
    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    public static void Run()
    {
        GC.TryStartNoGCRegion(8 << 20);
        long before = PrivateBytes();
        ProcessLimits.TryLimitPrivateMemory(Budget);
        long limit = DataLimit();
        bool isBudget = limit - before - Budget is >= 0 and < 1 << 20; // what the runtime mapped between the two readings
        bool reached = false, passed = false;
        for (int i = 0; i < 1000 && !(reached && !passed); i++)
        {
            long room = limit - PrivateBytes();
            passed = TryMap(room + Page);
            reached = TryMap(room);
        }

        Console.WriteLine($"reached: {(isBudget && reached ? "mapped" : "refused")}, passed by a page: {(passed ? "mapped" : "refused")}");
        Environment.Exit(0);
    }

    private static bool TryMap(long bytes)
    {
        nint at = mmap(0, (nuint)bytes, ReadWrite, PrivateAnonymous, -1, 0);
        if (at == -1)
            return false;
        _ = munmap(at, (nuint)bytes);
        return true;
    }

    private static long DataLimit() =>
        long.Parse(File.ReadLines("/proc/self/limits").First(l => l.StartsWith("Max data size", StringComparison.Ordinal))[13..].TrimStart().Split(' ')[0], CultureInfo.InvariantCulture);

    private static long PrivateBytes() =>
        long.Parse(File.ReadLines("/proc/self/status").First(l => l.StartsWith("VmData:", StringComparison.Ordinal)).AsSpan(7).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);
}
