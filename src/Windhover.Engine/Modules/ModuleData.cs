using Windhover.Engine.Interop;


namespace Windhover.Engine;

// A language whose programs are data for an engine (JavaScript, Python, Ruby) makes modules whose code is the same whatever the program says: 6 MB that take 11 s to compile, beside 8 MB of
// data that change with each save. So the data can be taken out before compiling, and come in again with each instance:
//
//      user's module                 compiled, and found by its digest         kept in memory
//      ┌─────────────────────┐       ┌──────────────────────────────┐
//      │ code                │       │ code                         │
//      │ data, active, at 8  │       │ data, active, at 0, empty    │          (8, bytes)
//      │ data, passive       │       │ data, passive                │
//      └─────────────────────┘       └──────────────────────────────┘
//                                       instantiate, copy the bytes, start function (GuardRewriter made it an export)
//
// An active segment is dropped when the instance is made, so an empty one in its place keeps the others' numbers, and what the guest sees of it. That the whole is valid follows from the
// code's being valid: bytes and offset of a segment have no rules. Another program's segments lie elsewhere, but tools that keep a snapshot make as many of them for a small change.
//
// The price is a copy for each instance (3 ms for 8 MB), where the engine else maps the data in without any. So it is for developing: EngineOptions.SeparateData.

/// <summary>What stands in a module's memory at first.</summary>
internal sealed unsafe class ModuleData
{
    // Less is not worth it: the copy is paid each time.
    private const int Worthwhile = 256 * 1024;
    private const int PageBytes = 64 * 1024;
    private const byte ImportSection = 2, MemorySection = 5, DataSection = 11;

    private readonly (uint Offset, byte[] Bytes)[] _segments;

    private ModuleData((uint Offset, byte[] Bytes)[] segments) => _segments = segments;

    /// <summary>Takes the data out of a module, where that is asked for and can be done.</summary>
    /// <param name="options">The engine's.</param>
    /// <param name="wasm">The module; it need not be valid.</param>
    /// <param name="data">What was taken out.</param>
    /// <returns>The module without, valid if and only if the whole is; null when it stays whole.</returns>
    public static byte[]? Separate(EngineOptions options, ReadOnlySpan<byte> wasm, out ModuleData? data)
    {
        data = null;
        if (!options.SeparateData || options.Stopping != Interruption.GuardPage)
            return null;
        try
        {
            return Separate(wasm, out data);
        }
        catch (Exception exception) when (exception is RewriteException or OverflowException)
        {
            return null; // Whatever is wrong with it, the validator says it better.
        }
    }

    /// <summary>Puts it into the memory of a new instance.</summary>
    public void CopyTo(nint context, NativeItem memory)
    {
        var target = new Span<byte>((void*)Native.wasmtime_memory_data(context, &memory), checked((int)Math.Min(int.MaxValue, (long)Native.wasmtime_memory_data_size(context, &memory))));
        foreach (var (offset, bytes) in _segments)
            bytes.CopyTo(target[(int)offset..]);
    }

    private static byte[]? Separate(ReadOnlySpan<byte> wasm, out ModuleData? data)
    {
        data = null;
        if (!wasm.StartsWith(ModuleLayout.Header))
            return null;
        long memoryBytes = -1;
        var writer = new WasmWriter(wasm.Length / 2);
        writer.Bytes(ModuleLayout.Header);
        var reader = new WasmReader(wasm, ModuleLayout.Header.Length, wasm.Length);
        while (!reader.AtEnd)
        {
            var id = reader.Byte();
            var size = reader.U32();
            var start = reader.Position;
            reader.Skip(size);
            var content = wasm[start..reader.Position];
            switch (id)
            {
                case ImportSection when ImportsMemory(content):
                    return null;
                case MemorySection:
                    memoryBytes = OnlyMemory(content);
                    break;
                case DataSection:
                    if (memoryBytes < 0 || data is not null || TakeOut(content, memoryBytes, out data) is not { } emptied)
                        return null;
                    writer.Section(id, emptied);
                    continue;
            }
            writer.Section(id, content);
        }
        return data is null ? null : writer.Written.ToArray();
    }

    private static bool ImportsMemory(ReadOnlySpan<byte> content)
    {
        var layout = ModuleLayout.ReadImports(content);
        return layout.Memories > 0;
    }

    // Its size at first, in bytes; -1 unless there is one memory of the plain kind.
    private static long OnlyMemory(ReadOnlySpan<byte> content)
    {
        var reader = new WasmReader(content, 0, content.Length);
        return reader.U32() == 1 && reader.Byte() <= 1 ? reader.U32() * (long)PageBytes : -1;
    }

    private static byte[]? TakeOut(ReadOnlySpan<byte> content, long memoryBytes, out ModuleData? data)
    {
        const byte Active = 0, Passive = 1, I32Const = 0x41, End = 0x0b;
        data = null;
        var segments = new List<(uint Offset, byte[] Bytes)>();
        long total = 0;
        var writer = new WasmWriter(4096);
        var reader = new WasmReader(content, 0, content.Length);
        var count = reader.U32();
        writer.U32(count);
        for (; count > 0; count--)
        {
            var start = reader.Position;
            switch (reader.Byte())
            {
                case Active:
                    if (reader.Byte() != I32Const)
                        return null;
                    var offset = unchecked((uint)S32(ref reader));
                    if (reader.Byte() != End)
                        return null;
                    writer.Bytes([Active, I32Const, 0, End, 0]);
                    var bytes = reader.Take(reader.U32());
                    if (offset + (long)bytes.Length > Math.Min(memoryBytes, int.MaxValue))
                        return null;
                    segments.Add((offset, bytes.ToArray()));
                    total += bytes.Length;
                    break;
                case Passive:
                    reader.Skip(reader.U32());
                    writer.Bytes(content[start..reader.Position]);
                    break;
                default:
                    return null;
            }
        }
        if (!reader.AtEnd || total < Worthwhile)
            return null;
        data = new ModuleData([.. segments]);
        return writer.Written.ToArray();
    }

    private static int S32(ref WasmReader reader)
    {
        var result = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = reader.Byte();
            result |= (next & 0x7f) << shift;
            if (next < 0x80)
                return shift + 7 < 32 && (next & 0x40) != 0 ? result | (-1 << (shift + 7)) : result;
            if (shift >= 28)
                throw new RewriteException("a number is too long", reader.Position);
        }
    }
}
