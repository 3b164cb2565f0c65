using System.Text;

namespace Windhover.Components.Tests.Hostile;

/// <summary>Small or valid-looking binaries that ask a compiler for much, byte by byte: a text format would need as long for them as the compiler.</summary>
internal static class Bombs
{
    public const byte Block = 0x02, Loop = 0x03, End = 0x0B, BrTable = 0x0E;
    private const byte I32 = 0x7F;

    /// <summary>A module of one function without parameters or results.</summary>
    public static byte[] Function(params byte[] body) => Functions(1, [0, .. body, End]);

    /// <summary>A module of many functions that are the same, given with their locals.</summary>
    public static byte[] Functions(int count, byte[] body)
    {
        var code = new List<byte>(Leb((uint)count));
        byte[] one = [.. Leb((uint)body.Length), .. body];
        code.EnsureCapacity(code.Count + (count * one.Length));
        for (int i = 0; i < count; i++)
            code.AddRange(one);
        return Module(Section(1, [1, 0x60, 0, 0]), Section(3, [.. Leb((uint)count), .. new byte[count]]), Section(10, [.. code]));
    }

    public static byte[] Repeat(int count, params byte[] what) => [.. Enumerable.Repeat(what, count).SelectMany(b => b)];

    /// <summary>`br_table` with that many targets, all of the depths 0 to <paramref name="depth"/>.</summary>
    public static byte[] Table(int targets, int depth) => [0x41, 0, BrTable, .. Leb((uint)targets), .. Enumerable.Range(0, targets).SelectMany(i => Leb((uint)(i % depth))), 0];

    /// <summary>Locals: groups of (count, type).</summary>
    public static byte[] Locals(params uint[] counts) => [.. Leb((uint)counts.Length), .. counts.SelectMany(c => (byte[])[.. Leb(c), I32])];

    public static byte[] Types(int count) => Module(Section(1, [.. Leb((uint)count), .. Repeat(count, 0x60, 0, 0)]));

    public static byte[] Globals(int count) => Module(Section(6, [.. Leb((uint)count), .. Repeat(count, I32, 0, 0x41, 0, End)]));

    public static byte[] DataSegments(int count) => Module(Section(5, [1, 0, 1]), Section(11, [.. Leb((uint)count), .. Repeat(count, 0, 0x41, 0, End, 1, 65)]));

    public static byte[] Module(params byte[][] sections) => [.. "\0asm\u0001\0\0\0"u8, .. sections.SelectMany(s => s)];

    public static byte[] Section(byte id, byte[] contents) => [id, .. Leb((uint)contents.Length), .. contents];

    public static byte[] Custom(string name, byte[] contents) => Section(0, [.. Leb((uint)Encoding.UTF8.GetByteCount(name)), .. Encoding.UTF8.GetBytes(name), .. contents]);

    /// <summary>A component within a component, within …</summary>
    public static byte[] Nested(int depth)
    {
        byte[] inner = [.. "\0asm\u000d\0\u0001\0"u8];
        for (int i = 0; i < depth; i++)
            inner = [.. "\0asm\u000d\0\u0001\0"u8, .. Section(4, inner)];
        return inner;
    }

    public static byte[] Leb(uint value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7F; value >>= 7)
            bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
