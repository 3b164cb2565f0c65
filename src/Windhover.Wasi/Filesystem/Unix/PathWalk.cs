using Microsoft.Win32.SafeHandles;

namespace Windhover.Wasi.Filesystem.Unix;

/// <summary>
/// Resolves a path beneath a directory one component at a time, where openat2(2) is missing.
/// </summary>
/// <remarks>
/// <code>
///   stack = [start]                     every directory on the way down stays open
///   for each component:
///     "" or "."   nothing
///     ".."        pop; below start → not-permitted      never the kernel's "..", which a rename could have moved outside
///     last        openat(top, name, flags | O_NOFOLLOW) → done
///     other       openat(top, name, O_PATH | O_DIRECTORY | O_NOFOLLOW) → push
///     a link      readlinkat; absolute → not-permitted; else its components come before the rest
/// </code>
/// Each step is one system call on a handle that we hold, and none follows a link: exchanging a directory for a link between two steps
/// changes which of the two answers the guest gets, never where it ends up.
/// </remarks>
internal static unsafe class PathWalk
{
    // As Linux does.
    private const int MaxLinks = 40;

    // A handle is open for each level: bounds how many a single path can take from the process.
    private const int MaxDepth = 256;

    private const int MaxLinkBytes = 4096;

    /// <summary>As openat(2) with <paramref name="flags"/>, but beneath <paramref name="start"/>; O_NOFOLLOW concerns the last component.</summary>
    public static Result<SafeFileHandle, FsError> Open(SafeFileHandle start, byte[] path, int flags, uint mode)
    {
        var stack = new Stack<SafeFileHandle>();
        try
        {
            return Open(start, stack, path.AsSpan(0, path.Length - 1), flags, mode);
        }
        finally
        {
            foreach (var handle in stack)
                handle.Dispose();
        }
    }

    private static Result<SafeFileHandle, FsError> Open(
        SafeFileHandle start, Stack<SafeFileHandle> stack, ReadOnlySpan<byte> path, int flags, uint mode)
    {
        // Still to be walked, last first.
        var todo = new Stack<byte[]>();
        var mustBeDirectory = Push(todo, path);
        var follow = (flags & Libc.O_NOFOLLOW) == 0;
        var links = 0;

        while (todo.TryPop(out var name))
        {
            var top = stack.TryPeek(out var above) ? above : start;
            if (name.AsSpan(0, name.Length - 1).SequenceEqual(".."u8))
            {
                if (!stack.TryPop(out var left))
                    return FsError.NotPermitted;
                left.Dispose();
                continue;
            }

            var last = todo.Count == 0;
            var opened = last && !mustBeDirectory
                ? OpenOne(top, name, flags | Libc.O_NOFOLLOW, mode)
                : OpenOne(top, name, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_NOFOLLOW | Libc.O_CLOEXEC, 0);
            if (opened.TryGet(out var handle, out var error))
            {
                if (!last || mustBeDirectory)
                {
                    stack.Push(handle);
                    if (stack.Count > MaxDepth)
                        return FsError.NameTooLong;
                    continue;
                }
                if (!follow || (flags & Libc.O_PATH) == 0 || !IsLink(handle))
                    return handle;
                handle.Dispose(); // O_PATH | O_NOFOLLOW opens the link itself
            }
            else if (error is not (FsError.Loop or FsError.NotDirectory) || (last && !follow && !mustBeDirectory))
            {
                return error;
            }

            var target = ReadLink(top, name);
            if (target is null)
                return opened.IsOk ? FsError.Loop : error;
            if (++links > MaxLinks)
                return FsError.Loop;
            if (target.Length == 0)
                return FsError.NoEntry;
            if (target[0] == '/')
                return FsError.NotPermitted;
            mustBeDirectory |= Push(todo, target) && last;
        }

        // The path ended in ".", ".." or a slash: what is left is the directory that we stand in.
        var here = stack.TryPeek(out var end) ? end : start;
        if ((flags & (Libc.O_CREAT | Libc.O_EXCL)) == (Libc.O_CREAT | Libc.O_EXCL))
            return FsError.Exist;
        if ((flags & (Libc.O_CREAT | Libc.O_WRONLY | Libc.O_RDWR)) != 0)
            return FsError.IsDirectory;
        return OpenOne(here, ".\0"u8.ToArray(), flags, mode);
    }

    // Puts the components of a path on top, first one uppermost. Whether the path can only mean a directory.
    private static bool Push(Stack<byte[]> todo, ReadOnlySpan<byte> path)
    {
        var directory = path.EndsWith("/"u8) || path.EndsWith("/."u8) || path.SequenceEqual("."u8);
        while (!path.IsEmpty)
        {
            var at = path.LastIndexOf((byte)'/');
            var name = path[(at + 1)..];
            if (name.Length > 0 && !name.SequenceEqual("."u8))
                todo.Push([.. name, 0]);
            path = path[..Math.Max(at, 0)];
        }
        return directory;
    }

    private static Result<SafeFileHandle, FsError> OpenOne(SafeFileHandle directory, byte[] name, int flags, uint mode)
    {
        while (true)
        {
            SafeFileHandle handle;
            fixed (byte* bytes = name)
                handle = Libc.OpenAt(directory, bytes, flags, mode);
            if (!handle.IsInvalid)
                return handle;
            var error = Libc.LastError;
            handle.Dispose();
            if (error != Errno.EINTR)
                return Errno.ToFsError(error);
        }
    }

    private static bool IsLink(SafeFileHandle handle)
    {
        Statx stat;
        fixed (byte* empty = "\0"u8)
            return Libc.Statx(handle, empty, Libc.AT_EMPTY_PATH, Statx.Wanted, &stat) == 0 && stat.Type == DescriptorType.SymbolicLink;
    }

    private static byte[]? ReadLink(SafeFileHandle directory, byte[] name)
    {
        var buffer = new byte[MaxLinkBytes];
        fixed (byte* bytes = name)
        fixed (byte* into = buffer)
        {
            var length = Libc.ReadlinkAt(directory, bytes, into, MaxLinkBytes);
            return length < 0 ? null : buffer[..(int)length];
        }
    }
}
