using Microsoft.Win32.SafeHandles;
using Windhover.Wasi.Filesystem.Unix;

namespace Windhover.Wasi.Filesystem;

/// <summary>Reads and writes at a position, which neither use nor move a position of the open file.</summary>
internal static unsafe class FileIo
{
    public static Result<int, FsError> Read(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                var read = Libc.Pread(file, bytes, (nuint)buffer.Length, offset);
                if (read >= 0)
                    return (int)read;
                if (Libc.LastError != Errno.EINTR)
                    return Descriptor.LastError();
            }
        }
    }

    public static Result<int, FsError> Write(SafeFileHandle file, ReadOnlySpan<byte> buffer, long offset)
    {
        fixed (byte* bytes = buffer)
        {
            while (true)
            {
                var written = Libc.Pwrite(file, bytes, (nuint)buffer.Length, offset);
                if (written >= 0)
                    return (int)written;
                if (Libc.LastError != Errno.EINTR)
                    return Descriptor.LastError();
            }
        }
    }

    /// <summary>Writes to what is the end of the file at that moment, in one step.</summary>
    public static Result<int, FsError> Append(SafeFileHandle file, ReadOnlySpan<byte> buffer)
    {
        fixed (byte* bytes = buffer)
        {
            var vector = new IoVector { Base = bytes, Length = (nuint)buffer.Length };
            while (true)
            {
                var written = Libc.Pwritev2(file, &vector, 1, 0, Libc.RWF_APPEND);
                if (written >= 0)
                    return (int)written;
                if (Libc.LastError != Errno.EINTR)
                    return Descriptor.LastError();
            }
        }
    }
}
