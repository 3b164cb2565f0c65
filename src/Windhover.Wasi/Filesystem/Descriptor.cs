using Microsoft.Win32.SafeHandles;
using Windhover.Engine;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Filesystem;

/// <summary>
/// An open file or directory: <c>wasi:filesystem/types.descriptor</c>. This part: what concerns the object itself; see also
/// <c>Descriptor.Content.cs</c> and <c>Descriptor.Paths.cs</c>.
/// </summary>
internal sealed unsafe partial class Descriptor : IDisposable
{
    private readonly WasiContext _context;
    private readonly SafeFileHandle _handle;
    private readonly PathResolution _resolution;
    private readonly DescriptorType _type;
    private readonly DescriptorFlags _flags;
    private readonly bool _mutable;
    private readonly bool _owned;
    private bool _dropped;

    /// <param name="context">The guest's store.</param>
    /// <param name="handle">The open object.</param>
    /// <param name="owned">Whether dropping the descriptor closes <paramref name="handle"/>.</param>
    /// <param name="type">What it is: a directory or a regular file.</param>
    /// <param name="flags">What <c>get-flags</c> reports.</param>
    /// <param name="mutable">Whether the grant it comes from allows changes.</param>
    /// <param name="resolution">How paths are kept beneath it.</param>
    public Descriptor(
        WasiContext context,
        SafeFileHandle handle,
        bool owned,
        DescriptorType type,
        DescriptorFlags flags,
        bool mutable,
        PathResolution resolution)
    {
        _context = context;
        _handle = handle;
        _owned = owned;
        _type = type;
        _flags = flags;
        _mutable = mutable;
        _resolution = resolution;
    }

    private bool IsDirectory => _type == DescriptorType.Directory;

    /// <summary>What the descriptor was opened for.</summary>
    public Result<DescriptorFlags, FsError> GetFlags() => _flags;

    /// <summary>What the descriptor is.</summary>
    public Result<DescriptorType, FsError> GetDescriptorType() => _type;

    /// <summary>The attributes of the open object.</summary>
    public Result<DescriptorStat, FsError> Stat()
    {
        var stat = StatHandle(_handle);
        return stat.IsOk ? ToStat(stat.Value) : stat.Error;
    }

    /// <summary>Writes content to the disk; without effect on what is not open for writing.</summary>
    public Result<Unit, FsError> SyncData() => Sync(dataOnly: true);

    /// <summary>Writes content and metadata to the disk; without effect on what is not open for writing.</summary>
    public Result<Unit, FsError> Sync() => Sync(dataOnly: false);

    /// <summary>Sets the times of last access and modification.</summary>
    public Result<Unit, FsError> SetTimes(NewTimestamp access, NewTimestamp modification)
    {
        if (!_mutable)
            return FsError.ReadOnly;
        var times = stackalloc Timespec[2];
        if (ToTimespec(access, out times[0]) is { } invalidAccess)
            return invalidAccess;
        if (ToTimespec(modification, out times[1]) is { } invalidModification)
            return invalidModification;
        return Check(Libc.Futimens(_handle, times));
    }

    /// <summary>Whether both are the same object of the file system.</summary>
    public bool IsSameObject(Descriptor other)
    {
        var mine = StatHandle(_handle);
        var theirs = StatHandle(other._handle);
        return mine.IsOk && theirs.IsOk && MetadataHasher.IsSameObject(mine.Value, theirs.Value);
    }

    /// <summary>A number that tells this object from others, and from what replaces it. See <see cref="MetadataHasher"/>.</summary>
    public Result<MetadataHash, FsError> GetMetadataHash()
    {
        var stat = StatHandle(_handle);
        return stat.IsOk ? MetadataHasher.Hash(stat.Value) : stat.Error;
    }

    /// <summary>The guest drops the descriptor. Streams made from it hold on to the open object themselves.</summary>
    public void Dispose()
    {
        if (!_owned || _dropped)
            return;
        _dropped = true;
        _handle.Dispose();
        _context.Usage.Closed(BudgetKind.Files);
    }

    internal static FsError LastError() => Errno.ToFsError(Libc.LastError);

    private static Result<Unit, FsError> Check(int result) => result == 0 ? Result.Ok() : LastError();

    private static Result<Statx, FsError> StatHandle(SafeFileHandle handle)
    {
        fixed (byte* empty = "\0"u8)
            return StatAt(handle, empty, Libc.AT_EMPTY_PATH);
    }

    private static Result<Statx, FsError> StatAt(SafeFileHandle directory, byte* path, int flags)
    {
        Statx stat;
        return Libc.Statx(directory, path, flags, Statx.Wanted, &stat) == 0 ? stat : LastError();
    }

    private static DescriptorStat ToStat(in Statx stat) => new(
        stat.Type,
        stat.LinkCount,
        stat.Size,
        ToDatetime(stat.AccessTime),
        ToDatetime(stat.ModificationTime),
        ToDatetime(stat.ChangeTime));

    private static Clocks.Datetime ToDatetime(StatxTime time) => new(time.Seconds, time.Nanoseconds);

    private static FsError? ToTimespec(NewTimestamp time, out Timespec result)
    {
        result = default;
        switch (time.Kind)
        {
            case NewTimestampKind.NoChange:
                result.Nanoseconds = Libc.UTIME_OMIT;
                return null;
            case NewTimestampKind.Now:
                result.Nanoseconds = Libc.UTIME_NOW;
                return null;
            case NewTimestampKind.OutOfRange:
                return FsError.Overflow;
            default:
                if (time.Value.Nanoseconds >= 1_000_000_000)
                    return FsError.Invalid;
                result.Seconds = time.Value.Seconds;
                result.Nanoseconds = time.Value.Nanoseconds;
                return null;
        }
    }

    private Result<Unit, FsError> Sync(bool dataOnly)
    {
        if (!IsDirectory && (_flags & DescriptorFlags.Write) == 0)
            return Result.Ok();
        return Check(dataOnly ? Libc.Fdatasync(_handle) : Libc.Fsync(_handle));
    }
}
