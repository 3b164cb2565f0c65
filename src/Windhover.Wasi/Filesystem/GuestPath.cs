using System.Text;

namespace Windhover.Wasi.Filesystem;

/// <summary>A path from a guest, checked and in the form that system calls take: UTF-8 with a final NUL.</summary>
internal readonly struct GuestPath
{
    /// <summary>PATH_MAX of Linux, its NUL included.</summary>
    private const int MaxBytes = 4096;

    private readonly byte[] _bytes;
    private readonly int _nameStart;
    private readonly int _nameEnd;

    private GuestPath(byte[] bytes)
    {
        _bytes = bytes;
        _nameEnd = bytes.Length - 1;
        while (_nameEnd > 1 && bytes[_nameEnd - 1] == '/')
            _nameEnd--;
        _nameStart = bytes.AsSpan(0, _nameEnd).LastIndexOf((byte)'/') + 1;
    }

    /// <summary>The whole path, with NUL.</summary>
    public byte[] Whole => _bytes;

    /// <summary>Everything before the last component, with NUL; empty (no NUL) when the path is one component.</summary>
    public byte[] Parent => _nameStart == 0 ? [] : [.. _bytes.AsSpan(0, _nameStart), 0];

    /// <summary>The last component and whatever slashes follow it, with NUL.</summary>
    public byte[] Name => _bytes[_nameStart..];

    /// <summary>Whether slashes follow the last component, which then must be a directory.</summary>
    public bool HasTrailingSlash => _nameEnd < _bytes.Length - 1;

    /// <summary>Whether the last component is <c>..</c>.</summary>
    public bool EndsInDotDot => _bytes.AsSpan(_nameStart, _nameEnd - _nameStart).SequenceEqual(".."u8);

    /// <summary>Whether the path is a single name that no system call can take for anything but an entry of the directory itself.</summary>
    public bool IsPlainName => _nameStart == 0 && !HasTrailingSlash && !EndsInDotDot;

    /// <summary>Checks what can be checked without looking at the file system.</summary>
    /// <returns>
    /// <c>no-entry</c> for an empty path, <c>not-permitted</c> for an absolute one, <c>invalid</c> for a NUL inside, <c>name-too-long</c>
    /// beyond 4095 bytes.
    /// </returns>
    public static Result<GuestPath, FsError> Parse(string path)
    {
        if (path.Length == 0)
            return FsError.NoEntry;
        if (path[0] == '/')
            return FsError.NotPermitted;
        if (path.Contains('\0'))
            return FsError.Invalid;
        var count = Encoding.UTF8.GetByteCount(path);
        if (count >= MaxBytes)
            return FsError.NameTooLong;

        var bytes = new byte[count + 1];
        Encoding.UTF8.GetBytes(path, bytes);
        return new GuestPath(bytes);
    }
}
