using System.Runtime.InteropServices;

namespace Windhover.Engine;

// A guest that has the host keep much for it must not make the garbage collector copy it: all threads stand still meanwhile, those of its neighbours too. 4 MiB of header values in each of
// eight runs, as strings, were pauses of up to 30 ms. So what is large stands outside of the collector's heap:
//
//   Copy ── malloc, copied from the guest ── ToArray, ToLatin1 … ── Dispose ── free
//                                                                   └ forgotten: the finalizer
//
// Readers and Dispose exclude each other, so that whoever comes too late gets an ObjectDisposedException, and never what somebody else has there now.

/// <summary>
/// Bytes that the host keeps for a guest, outside of the collector's heap. For values of some KiB and more; a smaller one is better off as an array. Thread-safe. Whoever has made it disposes of it; a
/// forgotten one is freed when the collector finds it.
/// </summary>
public sealed unsafe class HostBytes : IDisposable
{
    private readonly Lock _lock = new();
    private byte* _bytes;

    private HostBytes(ReadOnlySpan<byte> bytes)
    {
        _bytes = (byte*)NativeMemory.Alloc((nuint)bytes.Length);
        Length = bytes.Length;
        bytes.CopyTo(new Span<byte>(_bytes, Length));
    }

    /// <summary>Frees what was never disposed of.</summary>
    ~HostBytes() => Free();

    /// <summary>How many bytes there are.</summary>
    public int Length { get; }

    /// <summary>Keeps a copy of the bytes.</summary>
    /// <exception cref="OutOfMemoryException">The machine has no memory for them.</exception>
    public static HostBytes Copy(ReadOnlySpan<byte> bytes) => new(bytes);

    /// <summary>A second copy, with a life of its own.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    public HostBytes Copy()
    {
        lock (_lock)
            return new HostBytes(Bytes());
    }

    /// <summary>The bytes as an array.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    public byte[] ToArray()
    {
        lock (_lock)
            return Bytes().ToArray();
    }

    /// <summary>The bytes as text, each of them one character.</summary>
    /// <exception cref="ObjectDisposedException">They are gone.</exception>
    public string ToLatin1()
    {
        lock (_lock)
            return System.Text.Encoding.Latin1.GetString(Bytes());
    }

    /// <summary>Frees the bytes.</summary>
    public void Dispose()
    {
        lock (_lock)
            Free();
        GC.SuppressFinalize(this);
    }

    private ReadOnlySpan<byte> Bytes()
    {
        ObjectDisposedException.ThrowIf(_bytes is null, this);
        return new ReadOnlySpan<byte>(_bytes, Length);
    }

    private void Free()
    {
        NativeMemory.Free(_bytes);
        _bytes = null;
    }
}
