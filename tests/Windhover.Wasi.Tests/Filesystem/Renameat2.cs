using System.Runtime.InteropServices;

namespace Windhover.Wasi.Tests.Filesystem;

/// <summary>Exchanges two names in one step, which nothing in .NET does.</summary>
internal static partial class Renameat2
{
    private const int AT_FDCWD = -100;
    private const uint RENAME_EXCHANGE = 2;

    public static int Exchange(string left, string right) => Native(AT_FDCWD, left, AT_FDCWD, right, RENAME_EXCHANGE);

    [LibraryImport("libc", EntryPoint = "renameat2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Native(int oldDirectory, string oldPath, int newDirectory, string newPath, uint flags);
}
