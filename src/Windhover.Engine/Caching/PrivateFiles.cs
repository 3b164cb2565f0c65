using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Windhover.Engine;

/// <summary>Files and directories that only this user may write.</summary>
internal static unsafe partial class PrivateFiles
{
    private const UnixFileMode OwnerOnlyFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyDirectory = OwnerOnlyFile | UnixFileMode.UserExecute;

    // struct statx has the same layout on every architecture: the owner at 20, mode bits at 28.
    private const int StatxSize = 256;
    private const int StatxUidOffset = 20;
    private const int StatxModeOffset = 28;
    private const uint StatxModeAndUid = 0x2 | 0x8;
    private const int AtFdcwd = -100;
    private const int GroupOrOthersWrite = 0x12;

    /// <summary>Creates a directory, and those above it, for this user alone; leaves one that exists as it is.</summary>
    public static void CreateDirectory(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, OwnerOnlyDirectory);
    }

    /// <summary>Creates a file for this user alone; it must not exist.</summary>
    public static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnlyFile;
        return new FileStream(path, options);
    }

    /// <summary>Why somebody else could have written it, as the end of a sentence; null when nobody could. Windows guards by inherited access lists.</summary>
    public static string? WhyUnsafe(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        if (OperatingSystem.IsLinux())
        {
            var stat = stackalloc byte[StatxSize];
            int result;
            fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
                result = statx(AtFdcwd, name, 0, StatxModeAndUid, stat);
            if (result != 0)
                return "cannot be examined";
            var owner = BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(stat + StatxUidOffset, 4));
            if (owner != 0 && owner != geteuid())
                return "belongs to another user";
            var mode = BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(stat + StatxModeOffset, 2));
            return (mode & GroupOrOthersWrite) != 0 ? "can be written by other users" : null;
        }
        const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        return (File.GetUnixFileMode(path) & OthersWrite) != 0 ? "can be written by other users" : null;
    }

    [LibraryImport("libc")]
    private static partial int statx(int directory, byte* path, int flags, uint mask, byte* result);

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
