using System.Text;

namespace Windhover.Components.Binary;

/// <summary>
/// Reads the primitives of the binary format from hostile bytes. Every read is checked against the end of the current section; every
/// failure is an <see cref="InvalidComponentException"/> with the absolute offset. Passed by reference; never copied to read ahead.
/// </summary>
internal ref struct BinaryCursor
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySpan<byte> _span;

    public BinaryCursor(ReadOnlyMemory<byte> memory, int start, int end, string section)
    {
        _memory = memory;
        _span = memory.Span;
        Position = start;
        End = end;
        Section = section;
    }

    public delegate T Reader<T>(ref BinaryCursor cursor);

    /// <summary>Offset from the start of the outermost binary.</summary>
    public int Position { get; private set; }

    public int End { get; }

    /// <summary>For messages.</summary>
    public string Section { get; }

    /// <summary>Levels of nested components and types entered so far.</summary>
    public int Depth { get; set; }

    public readonly int Remaining => End - Position;

    public readonly bool AtEnd => Position == End;

    /// <summary>The whole outermost binary.</summary>
    public readonly ReadOnlyMemory<byte> Memory => _memory;

    public readonly InvalidComponentException Fail(string message) => new(message, Position, Section);

    public readonly InvalidComponentException FailAt(int offset, string message) => new(message, offset, Section);

    public byte U8(string what)
    {
        if (Position >= End)
            throw Fail($"unexpected end where {what} was expected");
        return _span[Position++];
    }

    public readonly byte Peek(string what) => Position < End ? _span[Position] : throw Fail($"unexpected end where {what} was expected");

    /// <summary>An unsigned LEB128 of at most five bytes; padding is allowed, bits past the 32nd are not.</summary>
    public uint U32(string what)
    {
        uint result = 0;
        var start = Position;
        for (var shift = 0; ; shift += 7)
        {
            var b = U8(what);
            if (shift == 28 && b > 0x0f)
                throw FailAt(start, $"{what} is not a 32-bit LEB128 number");
            result |= (uint)(b & 0x7f) << shift;
            if (b < 0x80)
                return result;
        }
    }

    /// <summary>An unsigned LEB128 of at most ten bytes.</summary>
    public ulong U64(string what)
    {
        ulong result = 0;
        var start = Position;
        for (var shift = 0; ; shift += 7)
        {
            var b = U8(what);
            if (shift == 63 && b > 1)
                throw FailAt(start, $"{what} is not a 64-bit LEB128 number");
            result |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80)
                return result;
        }
    }

    /// <summary>A signed 33-bit LEB128 of at most five bytes, as core WebAssembly uses to mix type indices with opcodes.</summary>
    public long S33(string what)
    {
        long result = 0;
        var start = Position;
        for (var shift = 0; ; shift += 7)
        {
            var b = U8(what);
            // The fifth byte carries bits 28 to 32; bit 5 and 6 of it repeat the sign.
            if (shift == 28 && (b > 0x7f || ((b & 0x70) != 0 && (b & 0x70) != 0x70)))
                throw FailAt(start, $"{what} is not a 33-bit LEB128 number");
            result |= (long)(b & 0x7f) << shift;
            if (b < 0x80)
                return (b & 0x40) != 0 ? result | (-1L << (shift + 7)) : result;
        }
    }

    /// <summary>An index into some index space. No space can hold 2³¹ entries, so larger numbers are refused here.</summary>
    public int Index(string what)
    {
        var start = Position;
        var value = U32(what);
        return value <= int.MaxValue ? (int)value : throw FailAt(start, $"{what} {value} is out of range");
    }

    public bool Flag(string what)
    {
        var b = U8(what);
        return b <= 1 ? b == 1 : throw FailAt(Position - 1, $"{what} must be 0 or 1, not {b}");
    }

    public void Expect(byte value, string what)
    {
        var b = U8(what);
        if (b != value)
            throw FailAt(Position - 1, $"{what} must be 0x{value:x2}, not 0x{b:x2}");
    }

    /// <summary>A length-prefixed string in strict UTF-8.</summary>
    public string Name(string what)
    {
        var start = Position;
        var length = U32($"the length of {what}");
        if (length > (uint)Remaining)
            throw FailAt(start, $"unexpected end: {what} is {length} bytes long, {Remaining} remain");
        var bytes = _span.Slice(Position, (int)length);
        try
        {
            var text = StrictUtf8.GetString(bytes);
            Position += bytes.Length;
            return text;
        }
        catch (DecoderFallbackException)
        {
            throw FailAt(start, $"{what} is not valid UTF-8");
        }
    }

    /// <summary>The next <paramref name="length"/> bytes, not copied.</summary>
    public ReadOnlyMemory<byte> Slice(int length, string what)
    {
        if ((uint)length > (uint)Remaining)
            throw Fail($"unexpected end: {what} is {length} bytes long, {Remaining} remain");
        var slice = _memory.Slice(Position, length);
        Position += length;
        return slice;
    }

    /// <summary>
    /// A vector. Every element takes at least one byte, so a count above what remains is refused before anything is allocated, and no more
    /// than 64 places are reserved on the count's word.
    /// </summary>
    public List<T> Vector<T>(string what, Reader<T> read)
    {
        var start = Position;
        var count = U32($"the number of {what}");
        if (count > (uint)Remaining)
            throw FailAt(start, $"unexpected end: {count} {what} announced, {Remaining} bytes remain");
        var list = new List<T>(Math.Min((int)count, 64));
        for (var i = 0u; i < count; i++)
            list.Add(read(ref this));
        return list;
    }

    public T? OptionalClass<T>(string what, Reader<T> read)
        where T : class => Flag(what) ? read(ref this) : null;

    public T? Optional<T>(string what, Reader<T> read)
        where T : struct => Flag(what) ? read(ref this) : null;

    public void EnterNested()
    {
        if (++Depth > ComponentDecoder.MaxDepth)
            throw Fail($"components and types are nested more than {ComponentDecoder.MaxDepth} levels deep");
    }

    public void LeaveNested() => Depth--;
}
