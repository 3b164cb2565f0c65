using Windhover.Engine;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Filesystem;

/// <summary>Opening a path.</summary>
internal sealed unsafe partial class Descriptor
{
    private const DescriptorFlags SyncFlags =
        DescriptorFlags.FileIntegritySync | DescriptorFlags.DataIntegritySync | DescriptorFlags.RequestedWriteSync;

    /// <summary>Opens or creates a file, or opens a directory.</summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>No flag at all means reading; creating and truncating imply writing.</item>
    /// <item>A directory that is opened may be changed if the directory it was opened from may: programs of WASI 0.1 have no way to ask.</item>
    /// <item>Only regular files and directories are opened. A FIFO would let a guest hold a thread of the host, a device do anything.</item>
    /// </list>
    /// </remarks>
    /// <returns><c>read-only</c> for whatever could change something under a grant that does not allow it; <c>unsupported</c> for devices, FIFOs and sockets.</returns>
    public Result<Descriptor, FsError> OpenAt(PathFlags pathFlags, string path, OpenFlags openFlags, DescriptorFlags flags)
    {
        var parsed = ParsePath(path);
        if (!parsed.IsOk)
            return parsed.Error;
        var creates = (openFlags & OpenFlags.Create) != 0;
        var truncates = (openFlags & OpenFlags.Truncate) != 0;
        if ((openFlags & OpenFlags.Directory) != 0 && openFlags != OpenFlags.Directory)
            return FsError.Invalid;

        var reads = (flags & (DescriptorFlags.Read | DescriptorFlags.Write)) != DescriptorFlags.Write;
        var writes = (flags & DescriptorFlags.Write) != 0 || creates || truncates;
        if (!_mutable && (writes || (flags & DescriptorFlags.MutateDirectory) != 0))
            return FsError.ReadOnly;
        if (!_context.Usage.TryOpen(BudgetKind.Files))
            return FsError.InsufficientMemory;

        // O_NONBLOCK: opening a FIFO must not wait for its other end.
        var native = Libc.O_NONBLOCK | Libc.O_NOCTTY
            | (writes ? reads ? Libc.O_RDWR : Libc.O_WRONLY : Libc.O_RDONLY)
            | (creates ? Libc.O_CREAT : 0)
            | (creates && (openFlags & OpenFlags.Exclusive) != 0 ? Libc.O_EXCL : 0)
            | (truncates ? Libc.O_TRUNC : 0)
            | ((openFlags & OpenFlags.Directory) != 0 ? Libc.O_DIRECTORY : 0)
            | ((flags & (DescriptorFlags.FileIntegritySync | DescriptorFlags.RequestedWriteSync)) != 0 ? Libc.O_SYNC : 0)
            | ((flags & DescriptorFlags.DataIntegritySync) != 0 ? Libc.O_DSYNC : 0);
        var opened = PathResolver.Open(
            _resolution, _handle, parsed.Value.Whole, native, (pathFlags & PathFlags.SymlinkFollow) != 0, creates ? 0x1b6u : 0);
        var error = opened.IsOk ? CheckKind(opened.Value, out var type) : FailedOpen(opened.Error, out type);
        if (error is { } refused)
        {
            _context.Usage.Closed(BudgetKind.Files);
            return refused;
        }

        var reported = (reads ? DescriptorFlags.Read : 0)
            | (writes ? DescriptorFlags.Write : 0)
            | (flags & SyncFlags)
            | (type == DescriptorType.Directory ? flags & DescriptorFlags.MutateDirectory : 0);
        return new Descriptor(_context, opened.Value, owned: true, type, reported, _mutable, _resolution);
    }

    private static FsError? FailedOpen(FsError error, out DescriptorType type)
    {
        type = DescriptorType.Unknown;
        return error;
    }

    private static FsError? CheckKind(Microsoft.Win32.SafeHandles.SafeFileHandle handle, out DescriptorType type)
    {
        var stat = StatHandle(handle);
        type = stat.IsOk ? stat.Value.Type : DescriptorType.Unknown;
        if (type is DescriptorType.RegularFile or DescriptorType.Directory)
            return null;
        handle.Dispose();
        return stat.IsOk ? FsError.Unsupported : stat.Error;
    }
}
