using Windhover.Engine;
using Windhover.Wasi.Filesystem.Unix;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Filesystem;

/// <summary>The content of a file, and of a directory.</summary>
internal sealed unsafe partial class Descriptor
{
    // One read or write through a descriptor moves at most 1 MiB, whatever length the guest names.
    private const int MaxTransfer = 1 << 20;

    /// <summary>Reads up to <paramref name="length"/> bytes (1 MiB at most) at <paramref name="offset"/>.</summary>
    /// <returns>The bytes, and whether the end of the file was met.</returns>
    public Result<(ReadOnlyMemory<byte> Bytes, bool EndOfFile), FsError> Read(ulong length, ulong offset)
    {
        if (IsDirectory)
            return FsError.IsDirectory;
        if (offset > long.MaxValue)
            return FsError.Invalid;
        var buffer = new byte[(int)Math.Min(length, MaxTransfer)];
        var read = FileIo.Read(_handle, buffer, (long)offset);
        if (!read.IsOk)
            return read.Error;
        return ((ReadOnlyMemory<byte>)buffer.AsMemory(0, read.Value), read.Value == 0 && buffer.Length > 0);
    }

    /// <summary>Writes at <paramref name="offset"/>; beyond the end, the gap reads as zeroes.</summary>
    /// <returns>How many bytes were written.</returns>
    public Result<ulong, FsError> Write(ReadOnlySpan<byte> buffer, ulong offset)
    {
        if (CheckWritable() is { } refused)
            return refused;
        if (offset > long.MaxValue)
            return FsError.FileTooLarge;
        var written = FileIo.Write(_handle, buffer, (long)offset);
        return written.IsOk ? (ulong)written.Value : written.Error;
    }

    /// <summary>A stream that reads from <paramref name="offset"/> on.</summary>
    public Result<InputStream, FsError> ReadViaStream(ulong offset)
    {
        if (IsDirectory)
            return FsError.IsDirectory;
        if ((_flags & DescriptorFlags.Read) == 0)
            return FsError.BadDescriptor;
        if (offset > long.MaxValue)
            return FsError.Invalid;
        return Share() is { } file ? new FileInputStream(file, (long)offset, _context.Blocking) : FsError.InsufficientMemory;
    }

    /// <summary>A stream that writes from <paramref name="offset"/> on.</summary>
    public Result<OutputStream, FsError> WriteViaStream(ulong offset)
    {
        if (CheckWritable() is { } refused)
            return refused;
        if (offset > long.MaxValue)
            return FsError.FileTooLarge;
        return Share() is { } file ? new FileOutputStream(file, (long)offset, _context.Blocking) : FsError.InsufficientMemory;
    }

    /// <summary>A stream each write of which goes to what is then the end of the file.</summary>
    public Result<OutputStream, FsError> AppendViaStream()
    {
        if (CheckWritable() is { } refused)
            return refused;
        return Share() is { } file ? new FileOutputStream(file, offset: null, _context.Blocking) : FsError.InsufficientMemory;
    }

    /// <summary>Cuts or extends the file.</summary>
    public Result<Unit, FsError> SetSize(ulong size)
    {
        if (CheckWritable() is { } refused)
            return refused;
        return size > long.MaxValue ? FsError.FileTooLarge : Check(Libc.Ftruncate(_handle, (long)size));
    }

    /// <summary>Tells the operating system how a part of the file will be used. A hint.</summary>
    public Result<Unit, FsError> Advise(ulong offset, ulong length, Advice advice)
    {
        if (IsDirectory)
            return FsError.BadDescriptor;
        if (offset > long.MaxValue || length > long.MaxValue)
            return FsError.Invalid;
        // The numbers of POSIX_FADV_* on Linux; s390 differs, where .NET does not run it as a server.
        var posix = advice switch
        {
            Advice.Normal => 0,
            Advice.Random => 1,
            Advice.Sequential => 2,
            Advice.WillNeed => 3,
            Advice.DontNeed => 4,
            Advice.NoReuse => 5,
            _ => -1,
        };
        var error = posix < 0 ? Errno.EINVAL : Libc.Fadvise(_handle, (long)offset, (long)length, posix);
        return error == 0 ? Result.Ok() : Errno.ToFsError(error);
    }

    /// <summary>The entries of the directory, from the first on, without <c>.</c> and <c>..</c>.</summary>
    public Result<DirectoryEntryStream, FsError> ReadDirectory()
    {
        if (!IsDirectory)
            return FsError.NotDirectory;
        if (!_context.Usage.TryOpen(BudgetKind.Files))
            return FsError.InsufficientMemory;
        // A second open of the same directory, because the position in it belongs to the open object.
        var opened = PathResolver.Open(_resolution, _handle, ".\0"u8.ToArray(), Libc.O_RDONLY | Libc.O_DIRECTORY, follow: false);
        if (opened.IsOk)
            return new DirectoryEntryStream(opened.Value, _context.Usage);
        _context.Usage.Closed(BudgetKind.Files);
        return opened.Error;
    }

    private FsError? CheckWritable()
    {
        if (IsDirectory)
            return FsError.IsDirectory;
        return (_flags & DescriptorFlags.Write) == 0 ? FsError.BadDescriptor : null;
    }

    // A stream may outlive the descriptor that it was made from.
    private SharedFile? Share() => SharedFile.TryShare(_handle, _context.Usage);
}
