namespace Windhover.Engine;

/// <summary>Writes a WebAssembly binary into a buffer that grows.</summary>
internal sealed class WasmWriter(int capacity)
{
    private byte[] _bytes = new byte[capacity];

    public int Position { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Position);

    public void Byte(byte value) => Reserve(1)[0] = value;

    public void Bytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>LEB128 in as few bytes as possible.</summary>
    public void U32(uint value)
    {
        for (; value >= 0x80; value >>= 7)
            Byte((byte)(value | 0x80));
        Byte((byte)value);
    }

    /// <summary>A name: its length, and its bytes.</summary>
    public void Name(ReadOnlySpan<byte> utf8)
    {
        U32((uint)utf8.Length);
        Bytes(utf8);
    }

    /// <summary>A section: its id, its size, and its content.</summary>
    public void Section(byte id, ReadOnlySpan<byte> content)
    {
        Byte(id);
        Name(content);
    }

    /// <summary>How many bytes <see cref="U32"/> would write.</summary>
    public static int SizeOf(uint value) => value switch
    {
        < 1 << 7 => 1,
        < 1 << 14 => 2,
        < 1 << 21 => 3,
        < 1 << 28 => 4,
        _ => 5,
    };

    private Span<byte> Reserve(int length)
    {
        var needed = checked(Position + length);
        if (needed > _bytes.Length)
            Array.Resize(ref _bytes, (int)Math.Min(Array.MaxLength, Math.Max(needed, _bytes.Length * 2L)));
        var result = _bytes.AsSpan(Position, length);
        Position = needed;
        return result;
    }
}
