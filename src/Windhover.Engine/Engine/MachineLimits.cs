using System.Globalization;
using System.Runtime.InteropServices;

namespace Windhover.Engine;

/// <summary>
/// What the machine allows all engines of the process together. A live instance of the pool takes about 5 of the kernel's memory maps;
/// at <c>vm.max_map_count</c> (65,530 by default) the next <c>mmap</c> fails wherever it is, and CoreCLR ends the process. So
/// instances are counted, and refused while there are still maps for everything else.
/// </summary>
internal static unsafe partial class MachineLimits
{
    private const int MapsPerInstance = 5;

    // The runtime, its heaps and libraries hold 1,000 to 3,000 maps; compiled modules 3 to 5 each.
    private const int MapsForTheRest = 8192;

    private const int ProtNone = 0;
    private const int MapPrivateAnonymousNoReserveLinux = 0x4022;
    private const int MapPrivateAnonymousNoReserveMac = 0x1042;

    private static int _live;

    /// <summary>How many instances may live at once in this process.</summary>
    public static int MaxLiveInstances { get; } = ReadMaxLiveInstances();

    /// <summary>How many live now.</summary>
    public static int LiveInstances => Volatile.Read(ref _live);

    /// <summary>Counts an instance that is about to be made.</summary>
    /// <exception cref="ResourceLimitException">The machine allows no more.</exception>
    public static void AddInstance()
    {
        if (Interlocked.Increment(ref _live) <= MaxLiveInstances)
            return;
        Interlocked.Decrement(ref _live);
        throw new ResourceLimitException(
            $"{MaxLiveInstances} instances are alive in this process, and the kernel's limit of memory maps allows no more: "
            + "drop some, or raise vm.max_map_count (sysctl).");
    }

    /// <summary>Counts instances that are gone.</summary>
    public static void RemoveInstances(int count) => Interlocked.Add(ref _live, -count);

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

    private static int ReadMaxLiveInstances()
    {
        const string File = "/proc/sys/vm/max_map_count";
        if (!OperatingSystem.IsLinux())
            return int.MaxValue;
        try
        {
            var maps = int.Parse(System.IO.File.ReadAllText(File), CultureInfo.InvariantCulture);
            return Math.Max(1, (maps - MapsForTheRest) / MapsPerInstance);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or OverflowException)
        {
            // No procfs: the kernel's default.
            return (65_530 - MapsForTheRest) / MapsPerInstance;
        }
    }

    [LibraryImport("libc")]
    private static partial nint mmap(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc")]
    private static partial int munmap(nint address, nuint length);
}
