using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Windhover.Plugins.Extism;

// The memory that host and plug-in share: blocks in one address space of 64 bits, which the plug-in reaches only through load and store functions.
//
//   0         none: the address of nothing
//   Base      block, block, block …   in the order of allocation, 8 bytes apart at least
//
// A block that is freed is used again for the next one that fits. Everything goes before each call (Reset), as the plug-in expects.
// Every address comes from the plug-in: it is compared, never trusted; out of bounds loads answer 0 and stores do nothing.
internal sealed class ExtismMemory(long maxBytes)
{
    private const int Base = 64;

    private readonly SortedDictionary<ulong, int> _blocks = [];
    private readonly List<(ulong Start, int Capacity)> _free = [];
    private byte[] _bytes = new byte[4096];
    private int _top = Base;

    public void Reset()
    {
        _blocks.Clear();
        _free.Clear();
        _top = Base;
    }

    /// <summary>A new block, cleared; 0 for none of no bytes.</summary>
    /// <exception cref="InvalidOperationException">The budget is used up.</exception>
    public ulong Allocate(ulong size)
    {
        if (size == 0)
            return 0;
        if (size > (ulong)Math.Min(maxBytes, Array.MaxLength / 2))
            throw new InvalidOperationException($"{size} bytes are more than the {maxBytes} that the plug-in may share with the host");
        int length = (int)size, capacity = (length + 7) & ~7;
        int found = _free.FindIndex(f => f.Capacity >= capacity);
        ulong start;
        if (found >= 0)
        {
            start = _free[found].Start;
            _free.RemoveAt(found);
        }
        else
        {
            long end = (long)_top + capacity;
            if (end > maxBytes + Base + 7)
                throw new InvalidOperationException($"the {maxBytes} bytes that the plug-in may share with the host are used up");
            if (end > _bytes.Length)
                Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(end, 2L * _bytes.Length)));
            start = (ulong)_top;
            _top = (int)end;
        }

        _blocks[start] = length;
        _bytes.AsSpan((int)start, length).Clear();
        return start;
    }

    public ulong Allocate(ReadOnlySpan<byte> content)
    {
        ulong start = Allocate((ulong)content.Length);
        if (start != 0)
            content.CopyTo(_bytes.AsSpan((int)start));
        return start;
    }

    public void Free(ulong start)
    {
        if (_blocks.Remove(start, out int length))
            _free.Add((start, (length + 7) & ~7));
    }

    /// <summary>The bytes of the block that begins there; 0 for what is none.</summary>
    public ulong Length(ulong start) => _blocks.TryGetValue(start, out int length) ? (ulong)length : 0;

    public byte LoadU8(ulong address) => Covers(address, 1) ? _bytes[address] : (byte)0;

    public ulong LoadU64(ulong address) => Covers(address, 8) ? BinaryPrimitives.ReadUInt64LittleEndian(_bytes.AsSpan((int)address)) : 0;

    public void StoreU8(ulong address, byte value)
    {
        if (Covers(address, 1))
            _bytes[address] = value;
    }

    public void StoreU64(ulong address, ulong value)
    {
        if (Covers(address, 8))
            BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan((int)address), value);
    }

    public bool TryRead(ulong address, ulong length, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = length == 0 ? [] : Covers(address, length) ? _bytes.AsSpan((int)address, (int)length).ToArray() : null;
        return bytes is not null;
    }

    /// <summary>The whole block that begins there; null for what is none.</summary>
    public byte[]? ReadBlock(ulong start) => _blocks.TryGetValue(start, out int length) ? _bytes.AsSpan((int)start, length).ToArray() : null;

    public bool Covers(ulong address, ulong size) => size == 0 || (address >= Base && address <= (ulong)_top && size <= (ulong)_top - address);
}
