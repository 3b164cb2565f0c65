namespace Windhover.Wasi.Filesystem.Unix;

/// <summary>Linux error numbers (the same on x64 and arm64) and what they are called in WASI.</summary>
internal static class Errno
{
    public const int EINTR = 4;
    public const int EAGAIN = 11;
    public const int EXDEV = 18;
    public const int ENOTDIR = 20;
    public const int EINVAL = 22;
    public const int ENOSYS = 38;
    public const int ELOOP = 40;

    public static FsError ToFsError(int errno) => errno switch
    {
        1 => FsError.NotPermitted,
        2 => FsError.NoEntry,
        EINTR => FsError.Interrupted,
        5 => FsError.Io,
        6 => FsError.NoSuchDevice,
        9 => FsError.BadDescriptor,
        EAGAIN => FsError.WouldBlock,
        12 => FsError.InsufficientMemory,
        13 => FsError.Access,
        16 => FsError.Busy,
        17 => FsError.Exist,
        EXDEV => FsError.CrossDevice,
        19 => FsError.NoDevice,
        ENOTDIR => FsError.NotDirectory,
        21 => FsError.IsDirectory,
        EINVAL => FsError.Invalid,
        23 or 24 => FsError.InsufficientMemory, // ENFILE, EMFILE: WASI has no name for a full descriptor table
        25 => FsError.NoTty,
        26 => FsError.TextFileBusy,
        27 => FsError.FileTooLarge,
        28 => FsError.InsufficientSpace,
        29 => FsError.InvalidSeek,
        30 => FsError.ReadOnly,
        31 => FsError.TooManyLinks,
        32 => FsError.Pipe,
        35 => FsError.Deadlock,
        36 => FsError.NameTooLong,
        37 => FsError.NoLock,
        ENOSYS or 95 => FsError.Unsupported,
        39 => FsError.NotEmpty,
        ELOOP => FsError.Loop,
        75 => FsError.Overflow,
        84 => FsError.IllegalByteSequence,
        90 => FsError.MessageSize,
        114 => FsError.Already,
        115 => FsError.InProgress,
        122 => FsError.Quota,
        131 => FsError.NotRecoverable,
        _ => FsError.Io,
    };
}
