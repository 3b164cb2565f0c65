using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Windhover.Engine;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Filesystem;

/// <summary>
/// The entries of a directory, one at a time: <c>wasi:filesystem/types.directory-entry-stream</c>. Reads from the kernel in steps of 32 KiB, so a directory of
/// any size costs the same memory.
/// </summary>
internal sealed unsafe partial class DirectoryEntryStream(SafeFileHandle directory, WasiUsage usage) : IDisposable
{
    private const int BufferSize = 32 * 1024;

    // struct linux_dirent64: u64 inode, s64 offset, u16 record length, u8 type, name with NUL
    private const int LengthAt = 16;
    private const int TypeAt = 18;
    private const int NameAt = 19;

    private static readonly UTF8Encoding s_strictUtf8 = new(false, throwOnInvalidBytes: true);

    private byte[]? _buffer;
    private int _at;
    private int _end;
    private bool _disposed;

    /// <summary>The next entry; null after the last.</summary>
    public Result<DirectoryEntry?, FsError> ReadDirectoryEntry()
    {
        while (true)
        {
            if (_at == _end)
            {
                var filled = Fill();
                if (!filled.IsOk)
                    return filled.Error;
                if (_end == 0)
                    return (DirectoryEntry?)null;
            }

            var record = _buffer.AsSpan(_at, _end - _at);
            record = record[..BinaryPrimitives.ReadUInt16LittleEndian(record[LengthAt..])];
            _at += record.Length;
            var name = record[NameAt..];
            name = name[..name.IndexOf((byte)0)];
            if (name.SequenceEqual("."u8) || name.SequenceEqual(".."u8))
                continue;
            return ToEntry(name, Statx.TypeOf(record[TypeAt]));
        }
    }

    /// <summary>Closes the directory.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        directory.Dispose();
        usage.Closed(BudgetKind.Files);
        if (_buffer is { } buffer)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            usage.Unhold(BufferSize);
        }

        _buffer = null;
    }

    private Result<DirectoryEntry?, FsError> ToEntry(ReadOnlySpan<byte> name, DescriptorType type)
    {
        string text;
        try
        {
            text = s_strictUtf8.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return FsError.IllegalByteSequence;
        }

        // Some file systems leave the type to a second question.
        if (type == DescriptorType.Unknown)
        {
            Statx stat;
            byte[] path = [.. name, 0];
            fixed (byte* bytes = path)
            {
                if (Libc.Statx(directory, bytes, Libc.AT_SYMLINK_NOFOLLOW, Statx.Wanted, &stat) == 0)
                    type = stat.Type;
            }
        }
        return new DirectoryEntry(type, text);
    }

    private Result<Unit, FsError> Fill()
    {
        if (_buffer is null)
        {
            usage.Hold(BufferSize);
            _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        }

        _at = _end = 0;
        fixed (byte* bytes = _buffer)
        {
            while (true)
            {
                var read = Libc.Getdents64(directory, bytes, BufferSize);
                if (read >= 0)
                {
                    _end = (int)read;
                    return Result.Ok();
                }
                if (Libc.LastError != Errno.EINTR)
                    return Descriptor.LastError();
            }
        }
    }
}
