using Microsoft.Win32.SafeHandles;

namespace Windhover.Wasi.Filesystem.Unix;

/// <summary>How paths are kept beneath the directory from which they start.</summary>
internal enum PathResolution
{
    /// <summary>By the kernel, with openat2(2): one system call, free of races.</summary>
    Kernel,

    /// <summary>Component by component, following links ourselves: see <see cref="PathWalk"/>.</summary>
    Walk,
}

/// <summary>
/// Turns a guest's path into a handle on something beneath the directory from which the path starts, or refuses.
/// </summary>
/// <remarks>
/// Whatever a guest names, only two things ever happen:
/// <code>
///   open-at, stat-at, …           openat2(dir, whole path, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS)
///   mkdir, unlink, rename, link   1. openat2(dir, all but the last name, O_PATH | O_DIRECTORY, RESOLVE_BENEATH …)
///                                 2. mkdirat(parent, last name) …: calls that do not follow a link in the last name
/// </code>
/// So <c>..</c>, absolute links and links that are exchanged while we look are the kernel's matter, decided in one step; there is no
/// moment between a check and a use. Linux before 5.6, and sandboxes whose system call filter does not know openat2, get the walk.
/// </remarks>
internal static unsafe class PathResolver
{
    // openat2 answers EAGAIN when a rename elsewhere raced with ".."; trying again nearly always helps.
    private const int MaxRaces = 32;

    /// <summary>What this system offers.</summary>
    public static PathResolution Best { get; } = Probe();

    /// <summary>Opens <paramref name="path"/> (with NUL) beneath <paramref name="directory"/>.</summary>
    /// <param name="resolution">How the path is kept beneath.</param>
    /// <param name="directory">Where the path starts, and what it may not leave.</param>
    /// <param name="path">The path, with NUL.</param>
    /// <param name="flags">Flags of open(2), without O_CLOEXEC and O_NOFOLLOW.</param>
    /// <param name="follow">Whether a link in the last component is followed.</param>
    /// <param name="mode">Permissions of a file that is created.</param>
    public static Result<SafeFileHandle, FsError> Open(
        PathResolution resolution, SafeFileHandle directory, byte[] path, int flags, bool follow, uint mode = 0)
    {
        flags |= Libc.O_CLOEXEC | (follow ? 0 : Libc.O_NOFOLLOW);
        if (resolution == PathResolution.Walk)
            return PathWalk.Open(directory, path, flags, mode);

        var how = new OpenHow { Flags = (uint)flags, Mode = mode, Resolve = Libc.RESOLVE_BENEATH | Libc.RESOLVE_NO_MAGICLINKS };
        for (var races = 0; races < MaxRaces; races++)
        {
            SafeFileHandle handle;
            fixed (byte* bytes = path)
                handle = Libc.OpenAt2(directory, bytes, &how);
            if (!handle.IsInvalid)
                return handle;

            var error = Libc.LastError;
            handle.Dispose();
            if (error is Errno.EAGAIN or Errno.EINTR)
                continue;
            return error == Errno.EXDEV ? FsError.NotPermitted : Errno.ToFsError(error);
        }
        return PathWalk.Open(directory, path, flags, mode);
    }

    /// <summary>Opens the directory in which the last name of <paramref name="path"/> stands.</summary>
    /// <returns>The parent; <paramref name="directory"/> itself when the path is one name.</returns>
    public static Result<ParentDirectory, FsError> OpenParent(PathResolution resolution, SafeFileHandle directory, GuestPath path)
    {
        // "link/" and ".." mean what they lead to. The calls made on the last name would not follow it, so they are safe, but their answer
        // would be about the link: ask first whether the guest may see what is there.
        if (path.HasTrailingSlash || path.EndsInDotDot)
        {
            var target = Open(resolution, directory, path.Whole, Libc.O_PATH, follow: true);
            if (target.IsOk)
                target.Value.Dispose();
            else if (target.Error == FsError.NotPermitted)
                return FsError.NotPermitted;
        }

        var parent = path.Parent;
        if (parent.Length == 0)
            return new ParentDirectory(directory, owned: false);
        var opened = Open(resolution, directory, parent, Libc.O_PATH | Libc.O_DIRECTORY, follow: true);
        return opened.IsOk ? new ParentDirectory(opened.Value, owned: true) : opened.Error;
    }

    private static PathResolution Probe()
    {
        if (!OperatingSystem.IsLinux())
            return PathResolution.Walk;
        fixed (byte* root = "/\0"u8)
        {
            using var start = Libc.OpenAt(Libc.AT_FDCWD, root, Libc.O_PATH | Libc.O_DIRECTORY | Libc.O_CLOEXEC, 0);
            if (start.IsInvalid)
                return PathResolution.Walk;
            var how = new OpenHow { Flags = (uint)(Libc.O_PATH | Libc.O_CLOEXEC), Resolve = Libc.RESOLVE_BENEATH };
            fixed (byte* here = ".\0"u8)
            {
                using var probe = Libc.OpenAt2(start, here, &how);
                return probe.IsInvalid ? PathResolution.Walk : PathResolution.Kernel;
            }
        }
    }
}

/// <summary>The directory of a last name: borrowed when it is the guest's own descriptor, else closed at the end.</summary>
internal readonly struct ParentDirectory(SafeFileHandle handle, bool owned) : IDisposable
{
    public SafeFileHandle Handle => handle;

    public void Dispose()
    {
        if (owned)
            handle.Dispose();
    }
}
