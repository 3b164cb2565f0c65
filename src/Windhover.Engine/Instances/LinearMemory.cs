using System.Runtime.InteropServices;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>A linear memory. A value without ownership: valid as long as its store.</summary>
public readonly unsafe partial struct LinearMemory
{
    private const nuint WorthDiscarding = 2 << 20;
    private const int DontNeed = 4; // MADV_DONTNEED

    internal readonly NativeItem Native;

    internal LinearMemory(NativeItem native) => Native = native;

    /// <summary>
    /// All of its bytes. The span is dead after anything that can grow the memory (any call into a guest, <see cref="Grow"/>) or drop it
    /// (disposing of the store): get it again then.
    /// </summary>
    /// <exception cref="NotSupportedException">The memory is larger than 2 GiB − 1: use <see cref="GetSpan(Store, ulong, int)"/>.</exception>
    public Span<byte> GetSpan(Store s)
    {
        var context = s.Own(Native.StoreId);
        var memory = Native;
        var size = Interop.Native.wasmtime_memory_data_size(context, &memory);
        if (size > int.MaxValue)
            ThrowTooLarge(size);
        return new Span<byte>(Interop.Native.wasmtime_memory_data(context, &memory), (int)size);
    }

    /// <summary>A part of it, wherever that is in a memory of any size. The span lives as long as that of the whole.</summary>
    /// <param name="s">The store that the memory belongs to.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part is not all inside of the memory.</exception>
    public Span<byte> GetSpan(Store s, ulong offset, int length)
    {
        var context = s.Own(Native.StoreId);
        var memory = Native;
        var size = (ulong)Interop.Native.wasmtime_memory_data_size(context, &memory);
        if (length < 0 || offset > size || (ulong)length > size - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset} are not inside of a memory of {size} bytes.");
        return new Span<byte>(Interop.Native.wasmtime_memory_data(context, &memory) + offset, length);
    }

    /// <summary>
    /// Its first byte and its length, for code that checks each access itself and works with memories of up to 4 GiB, which no span covers. The
    /// reference is dead when the span of <see cref="GetSpan(Store)"/> would be.
    /// </summary>
    public ref byte GetReference(Store s, out nuint length)
    {
        var context = s.Own(Native.StoreId);
        var memory = Native;
        length = Interop.Native.wasmtime_memory_data_size(context, &memory);
        return ref *Interop.Native.wasmtime_memory_data(context, &memory);
    }

    /// <summary>Its size in bytes.</summary>
    public nuint Size(Store s)
    {
        var context = s.Own(Native.StoreId);
        var memory = Native;
        return Interop.Native.wasmtime_memory_data_size(context, &memory);
    }

    /// <summary>Grows it by <paramref name="pages"/>.</summary>
    /// <returns>The size before, in pages; −1 when the memory's maximum, the store's limits or the engine's forbid it.</returns>
    public long Grow(Store s, ulong pages)
    {
        var context = s.Own(Native.StoreId);
        var memory = Native;
        ulong previous;
        var error = Interop.Native.wasmtime_memory_grow(context, &memory, pages, &previous);
        if (error == 0)
            return checked((long)previous);
        Interop.Native.wasmtime_error_delete(error);
        return -1;
    }

    /// <summary>
    /// Gives what a large memory (2 MiB and more, of a pool's slot) holds back to the kernel now, by the calling thread: it is as it was when the instance was made. For an instance that
    /// is about to be dropped, where it saves others the work: a pool gives back the memories of several dropped stores together, by whichever thread drops the last of them.
    /// </summary>
    public void Discard(Store s)
    {
        var context = s.Own(Native.StoreId);
        if (!s.Engine.Options.Pooling || !OperatingSystem.IsLinux())
            return;
        var memory = Native;
        var size = Interop.Native.wasmtime_memory_data_size(context, &memory);
        var kept = (nuint)s.Engine.Options.KeptBytes & ~(nuint)0xFFFF;
        if (size < kept + WorthDiscarding)
            return;
        _ = madvise(Interop.Native.wasmtime_memory_data(context, &memory) + kept, size - kept, DontNeed);
    }

    /// <summary>Its type; the minimum is the declared one.</summary>
    public MemoryType GetType(Store s)
    {
        var context = s.Own(Native.StoreId);
        var memory = Native;
        var type = Interop.Native.wasmtime_memory_type(context, &memory);
        var result = TypeReader.ReadMemory(type);
        Interop.Native.wasm_memorytype_delete(type);
        return result;
    }

    private static void ThrowTooLarge(nuint size) =>
        throw new NotSupportedException($"A memory of {size} bytes does not fit one span: take parts of it by offset and length.");

    [LibraryImport("libc")]
    private static partial int madvise(byte* address, nuint length, int advice);
}
