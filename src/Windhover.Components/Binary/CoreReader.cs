using System.Text;

namespace Windhover.Components.Binary;

/// <summary>
/// Reads the pieces of a core module that the host looks at itself. Never throws: what does not fit sets <see cref="Failed"/>, and the
/// caller then treats the module as one of no known form.
/// </summary>
internal ref struct CoreReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Position { get; private set; }

    public bool Failed { get; private set; }

    public readonly bool AtEnd => Failed || Position >= _bytes.Length;

    public byte Byte()
    {
        if (Position >= _bytes.Length)
        {
            Failed = true;
            return 0xff;
        }

        return _bytes[Position++];
    }

    /// <summary>An unsigned LEB128 below 2^31.</summary>
    public int Int()
    {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            byte b = Byte();
            value |= (long)(b & 0x7f) << shift;
            if ((b & 0x80) == 0)
            {
                Failed |= value > int.MaxValue;
                return Failed ? 0 : (int)value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>A signed LEB128 that is not negative: the operand of <c>i32.const</c>. Bit 6 of its last byte is clear; else it reads as an unsigned one.</summary>
    public int Const()
    {
        int value = Int();
        if (!Failed && (_bytes[Position - 1] & 0x40) != 0)
            Failed = true;
        return Failed ? 0 : value;
    }

    public void Skip(int count)
    {
        if ((uint)count > (uint)(_bytes.Length - Position))
        {
            Failed = true;
            Position = _bytes.Length;
        }
        else
        {
            Position += count;
        }
    }

    public string Name()
    {
        int length = Int();
        int start = Position;
        Skip(length);
        return Failed ? "" : Encoding.UTF8.GetString(_bytes.Slice(start, length));
    }
}
