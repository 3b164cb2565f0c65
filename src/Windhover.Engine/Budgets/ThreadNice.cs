using System.Runtime.InteropServices;

namespace Windhover.Engine;

/// <summary>How much a thread gives way to others. Linux; elsewhere nothing happens.</summary>
internal static partial class ThreadNice
{
    /// <summary>A third of the weight of the others: they get a processor as soon as they wake, and a machine with nothing else to do loses nothing.</summary>
    private const int Step = 5;

    /// <summary>Makes the calling thread give way for good: back again needs a privilege.</summary>
    public static void Lower()
    {
        if (OperatingSystem.IsLinux())
            _ = setpriority(0, 0, getpriority(0, 0) + Step);
    }

    [LibraryImport("libc")]
    private static partial int getpriority(int which, int who);

    [LibraryImport("libc")]
    private static partial int setpriority(int which, int who, int priority);
}
