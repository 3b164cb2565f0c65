using System.Text;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Filesystem;

/// <summary>What a directory descriptor does with paths. How they are kept beneath it: <see cref="PathResolver"/>.</summary>
internal sealed unsafe partial class Descriptor
{
    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Creates a directory.</summary>
    public Result<Unit, FsError> CreateDirectoryAt(string path) =>
        Change(path, static (parent, name) => Libc.MkdirAt(parent.Handle, name, 0x1ff));

    /// <summary>Removes an empty directory.</summary>
    public Result<Unit, FsError> RemoveDirectoryAt(string path) =>
        Change(path, static (parent, name) => Libc.UnlinkAt(parent.Handle, name, Libc.AT_REMOVEDIR));

    /// <summary>Removes what is not a directory.</summary>
    public Result<Unit, FsError> UnlinkFileAt(string path) =>
        Change(path, static (parent, name) => Libc.UnlinkAt(parent.Handle, name, 0));

    /// <summary>The attributes of what a path names.</summary>
    public Result<DescriptorStat, FsError> StatAt(PathFlags flags, string path)
    {
        var stat = StatPath(flags, path);
        return stat.IsOk ? ToStat(stat.Value) : stat.Error;
    }

    /// <summary>As <see cref="GetMetadataHash"/>, of what a path names.</summary>
    public Result<MetadataHash, FsError> GetMetadataHashAt(PathFlags flags, string path)
    {
        var stat = StatPath(flags, path);
        return stat.IsOk ? MetadataHasher.Hash(stat.Value) : stat.Error;
    }

    /// <summary>Sets the times of what a path names.</summary>
    public Result<Unit, FsError> SetTimesAt(PathFlags flags, string path, NewTimestamp access, NewTimestamp modification)
    {
        var parsed = ParsePath(path);
        if (!parsed.IsOk)
            return parsed.Error;
        if (!_mutable)
            return FsError.ReadOnly;
        var times = stackalloc Timespec[2];
        if (ToTimespec(access, out times[0]) is { } invalidAccess)
            return invalidAccess;
        if (ToTimespec(modification, out times[1]) is { } invalidModification)
            return invalidModification;

        var target = PathResolver.Open(_resolution, _handle, parsed.Value.Whole, Libc.O_PATH, Follows(flags));
        if (!target.IsOk)
            return target.Error;
        using var handle = target.Value;
        fixed (byte* empty = "\0"u8)
            return Check(Libc.UtimensAt(handle, empty, times, Libc.AT_EMPTY_PATH));
    }

    /// <summary>Creates a second name for a file.</summary>
    public Result<Unit, FsError> LinkAt(PathFlags oldFlags, string oldPath, Descriptor newDirectory, string newPath)
    {
        if (Follows(oldFlags))
            return FsError.Invalid;
        var old = ParsePath(oldPath);
        if (!old.IsOk)
            return old.Error;
        if (old.Value.HasTrailingSlash)
        {
            // It must be a directory, and those have one name only. linkat(2) is not asked: with the slash it would follow a link.
            var directory = PathResolver.Open(_resolution, _handle, old.Value.Whole, Libc.O_PATH | Libc.O_DIRECTORY, follow: true);
            if (!directory.IsOk)
                return directory.Error;
            directory.Value.Dispose();
            return FsError.NotPermitted;
        }
        return ChangeTwo(old.Value, newDirectory, newPath, static (from, name, to, newName) => Libc.LinkAt(from.Handle, name, to.Handle, newName, 0));
    }

    /// <summary>Gives a file or directory another name, in place of what had it.</summary>
    public Result<Unit, FsError> RenameAt(string oldPath, Descriptor newDirectory, string newPath)
    {
        var old = ParsePath(oldPath);
        return old.IsOk
            ? ChangeTwo(old.Value, newDirectory, newPath, static (from, name, to, newName) => Libc.RenameAt(from.Handle, name, to.Handle, newName))
            : old.Error;
    }

    /// <summary>Creates a symbolic link at <paramref name="newPath"/>. Where it leads is judged when it is followed, except that it may not be absolute.</summary>
    public Result<Unit, FsError> SymlinkAt(string oldPath, string newPath)
    {
        if (oldPath.StartsWith('/'))
            return FsError.NotPermitted;
        if (oldPath.Contains('\0'))
            return FsError.Invalid;
        var target = new byte[Encoding.UTF8.GetByteCount(oldPath) + 1];
        Encoding.UTF8.GetBytes(oldPath, target);
        return Change(newPath, (parent, name) =>
        {
            fixed (byte* bytes = target)
                return Libc.SymlinkAt(bytes, parent.Handle, name);
        });
    }

    /// <summary>Where a symbolic link leads.</summary>
    /// <returns>Never an absolute path: that is <c>not-permitted</c>.</returns>
    public Result<string, FsError> ReadlinkAt(string path)
    {
        var parsed = ParsePath(path);
        if (!parsed.IsOk)
            return parsed.Error;
        if (parsed.Value.HasTrailingSlash)
        {
            // What has a slash behind it is a directory or an error, never a link; readlinkat(2) would follow.
            var directory = PathResolver.Open(_resolution, _handle, parsed.Value.Whole, Libc.O_PATH | Libc.O_DIRECTORY, follow: true);
            if (!directory.IsOk)
                return directory.Error;
            directory.Value.Dispose();
            return FsError.Invalid;
        }

        var opened = PathResolver.OpenParent(_resolution, _handle, parsed.Value);
        if (!opened.IsOk)
            return opened.Error;
        using var parent = opened.Value;
        Span<byte> buffer = stackalloc byte[4096];
        nint length;
        fixed (byte* name = parsed.Value.Name)
        fixed (byte* into = buffer)
            length = Libc.ReadlinkAt(parent.Handle, name, into, (nuint)buffer.Length);
        if (length < 0)
            return LastError();
        if (length > 0 && buffer[0] == '/')
            return FsError.NotPermitted;
        try
        {
            return s_strictUtf8.GetString(buffer[..(int)length]);
        }
        catch (DecoderFallbackException)
        {
            return FsError.IllegalByteSequence;
        }
    }

    private delegate int Operation(ParentDirectory parent, byte* name);

    private delegate int OperationOnTwo(ParentDirectory oldParent, byte* oldName, ParentDirectory newParent, byte* newName);

    private static bool Follows(PathFlags flags) => (flags & PathFlags.SymlinkFollow) != 0;

    private Result<GuestPath, FsError> ParsePath(string path) => IsDirectory ? GuestPath.Parse(path) : FsError.NotDirectory;

    private Result<Unit, FsError> Change(string path, Operation operation)
    {
        var parsed = ParsePath(path);
        if (!parsed.IsOk)
            return parsed.Error;
        if (!_mutable)
            return FsError.ReadOnly;
        var opened = PathResolver.OpenParent(_resolution, _handle, parsed.Value);
        if (!opened.IsOk)
            return opened.Error;
        using var parent = opened.Value;
        fixed (byte* name = parsed.Value.Name)
            return Check(operation(parent, name));
    }

    private Result<Unit, FsError> ChangeTwo(GuestPath oldPath, Descriptor newDirectory, string newPath, OperationOnTwo operation)
    {
        var parsed = newDirectory.ParsePath(newPath);
        if (!parsed.IsOk)
            return parsed.Error;
        if (!_mutable || !newDirectory._mutable)
            return FsError.ReadOnly;
        var oldOpened = PathResolver.OpenParent(_resolution, _handle, oldPath);
        if (!oldOpened.IsOk)
            return oldOpened.Error;
        using var oldParent = oldOpened.Value;
        var newOpened = PathResolver.OpenParent(newDirectory._resolution, newDirectory._handle, parsed.Value);
        if (!newOpened.IsOk)
            return newOpened.Error;
        using var newParent = newOpened.Value;
        fixed (byte* oldName = oldPath.Name)
        fixed (byte* newName = parsed.Value.Name)
            return Check(operation(oldParent, oldName, newParent, newName));
    }

    private Result<Statx, FsError> StatPath(PathFlags flags, string path)
    {
        var parsed = ParsePath(path);
        if (!parsed.IsOk)
            return parsed.Error;
        if (!Follows(flags) && parsed.Value.IsPlainName)
        {
            fixed (byte* name = parsed.Value.Whole)
                return StatAt(_handle, name, Libc.AT_SYMLINK_NOFOLLOW);
        }
        var target = PathResolver.Open(_resolution, _handle, parsed.Value.Whole, Libc.O_PATH, Follows(flags));
        if (!target.IsOk)
            return target.Error;
        using var handle = target.Value;
        return StatHandle(handle);
    }
}
