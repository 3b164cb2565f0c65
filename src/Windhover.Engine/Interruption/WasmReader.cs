using System.Runtime.CompilerServices;

namespace Windhover.Engine;

/// <summary>
/// Reads a WebAssembly binary from front to back. Every read is checked against the end, and every number against the width that the specification gives
/// it; what does not fit throws <see cref="RewriteException"/>.
/// </summary>
internal ref struct WasmReader(ReadOnlySpan<byte> bytes, int position, int end)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes[..end];

    /// <summary>Where the next read begins, from the start of the binary.</summary>
    public int Position { get; private set; } = position;

    public readonly bool AtEnd => Position == _bytes.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte Byte()
    {
        if ((uint)Position >= (uint)_bytes.Length)
            throw RewriteException.AtEnd(Position);
        return _bytes[Position++];
    }

    public readonly byte Peek() => (uint)Position < (uint)_bytes.Length ? _bytes[Position] : throw RewriteException.AtEnd(Position);

    /// <summary>Whether the next bytes are these.</summary>
    public readonly bool StartsWith(ReadOnlySpan<byte> bytes) => _bytes[Position..].StartsWith(bytes);

    public ReadOnlySpan<byte> Take(uint length)
    {
        if (length > (uint)(_bytes.Length - Position))
            throw RewriteException.AtEnd(Position);
        var result = _bytes.Slice(Position, (int)length);
        Position += (int)length;
        return result;
    }

    public void Skip(uint length) => Take(length);

    /// <summary>LEB128, unsigned, at most 5 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint U32()
    {
        var first = Byte();
        return first < 0x80 ? first : U32(first);
    }

    /// <summary>Skips a LEB128 number of either sign and at most <paramref name="bits"/> bits, whose value does not matter here.</summary>
    public void SkipNumber(int bits)
    {
        for (var shift = 0; ; shift += 7)
        {
            if (Byte() < 0x80)
                return;
            if (shift + 7 >= bits)
                throw new RewriteException("a number is too long", Position);
        }
    }

    private uint U32(uint first)
    {
        var result = first & 0x7f;
        for (var shift = 7; ; shift += 7)
        {
            var next = Byte();
            if (shift == 28 && next > 0x0f)
                throw new RewriteException("a number is too large", Position);
            result |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
                return result;
        }
    }
}

/// <summary>A binary has something that the rewriter does not know or that cannot be. Never leaves <see cref="GuardRewriter"/>'s caller.</summary>
internal sealed class RewriteException(string problem, int position) : Exception($"{problem} (at offset 0x{position:x})")
{
    public static RewriteException AtEnd(int position) => new("unexpected end", position);
}
