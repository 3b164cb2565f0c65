using System.Globalization;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

// The kernel bounds the memory maps of a process (vm.max_map_count, 65,530 by default). At the bound the next mmap fails wherever it is,
// and when that is in CoreCLR, the process ends. A slot of a pool takes 3 maps per memory (image, the rest, the guard), 2 more if
// its guest has a GC heap, and 2 for the memory by which it is stopped; it keeps them when its instance is gone. So what counts is not how many instances live, but how many
// lived at once at any time in each pool, and those are refused while there are still maps for everything else.

/// <summary>The maps that instances of all engines of the process take together.</summary>
internal static unsafe partial class MachineLimits
{
    private const int MapsPerMemory = 3;
    private const int MapsPerHeap = 2;
    private const int MapsPerGuard = 2;

    // The runtime, its heaps and libraries hold 1,000 to 3,000 maps; compiled modules 3 to 5 each.
    private const int MapsForTheRest = 8192;

    private const int ProtNone = 0;
    private const int MapPrivateAnonymousNoReserveLinux = 0x4022;
    private const int MapPrivateAnonymousNoReserveMac = 0x1042;

    private static int _charged;

    /// <summary>How many maps instances may take.</summary>
    public static int Maps { get; } = ReadMaps();

    /// <summary>How many are charged now.</summary>
    public static int ChargedMaps => Volatile.Read(ref _charged);

    /// <summary>How many maps one instance takes at most.</summary>
    public static int MapsPerInstance(EngineOptions options) =>
        (MapsPerMemory * (options.Pooling ? options.MaxMemoriesPerModule : 1))
        + (options.NeedsCollector ? MapsPerHeap : 0)
        + (options.Stopping == Interruption.GuardPage ? MapsPerGuard : 0);

    /// <summary>Takes maps from the budget; false when there are not that many left.</summary>
    public static bool TryCharge(int maps)
    {
        if (Interlocked.Add(ref _charged, maps) <= Maps)
            return true;
        Interlocked.Add(ref _charged, -maps);
        return false;
    }

    /// <summary>Gives maps back.</summary>
    public static void Release(int maps) => Interlocked.Add(ref _charged, -maps);

    /// <summary>Whether that much address space can be reserved. Asked beforehand, since a native engine that cannot aborts the process.</summary>
    public static bool CanReserve(ulong bytes)
    {
        if (OperatingSystem.IsWindows())
            return bytes < 1UL << 46;
        var flags = OperatingSystem.IsMacOS() ? MapPrivateAnonymousNoReserveMac : MapPrivateAnonymousNoReserveLinux;
        var address = mmap(0, (nuint)bytes, ProtNone, flags, -1, 0);
        if (address == -1)
            return false;
        _ = munmap(address, (nuint)bytes);
        return true;
    }

    private static int ReadMaps()
    {
        const string Setting = "/proc/sys/vm/max_map_count";
        const int KernelDefault = 65_530;
        if (!OperatingSystem.IsLinux())
            return int.MaxValue / 2;
        try
        {
            return Math.Max(MapsForTheRest, int.Parse(File.ReadAllText(Setting), CultureInfo.InvariantCulture)) - MapsForTheRest;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            return KernelDefault - MapsForTheRest;
        }
    }

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);
}
