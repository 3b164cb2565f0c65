using System.Buffers;

namespace Windhover.Components.Binary;

/// <summary>
/// A core module without its code: the sections that make up its type are copied, every body is <c>unreachable</c>, and what initialises it
/// (start, elements, data) goes, since none of it shows in the module's type.
/// <code>
///   kept    1 types  2 imports  3 functions  4 tables  5 memories  6 globals  7 exports  13 tags
///   made    10 code: for each function `03 00 00 0b` (size 3, no locals, unreachable, end)
///   dropped 0 custom  8 start  9 elements  11 data  12 data count
/// </code>
/// </summary>
internal static class ModuleStub
{
    private static ReadOnlySpan<byte> UnreachableBody => [3, 0, 0, 0x0b];

    public static ReadOnlySpan<byte> Write(ReadOnlyMemory<byte> module, int offset)
    {
        var output = new ArrayBufferWriter<byte>();
        output.Write(module.Span[..WasmFile.PreambleLength]);
        var cursor = new BinaryCursor(module, WasmFile.PreambleLength, module.Length, "core module");
        while (!cursor.AtEnd)
        {
            var at = cursor.Position;
            var id = cursor.U8("a section id");
            var size = cursor.U32("a section size");
            if (size > (uint)cursor.Remaining)
            {
                throw new InvalidComponentException(
                    $"unexpected end: section {id} is {size} bytes long, {cursor.Remaining} remain", offset + at, "core module");
            }

            var contents = cursor.Slice((int)size, "a section");
            switch (id)
            {
                case 0 or 8 or 9 or 11 or 12:
                    break;
                case >= 1 and <= 7 or 13:
                    output.Write(module.Span[at..cursor.Position]);
                    break;
                case 10:
                    Code(contents, output);
                    break;
                default:
                    throw new InvalidComponentException($"unknown section id {id}", offset + at, "core module");
            }
        }

        return output.WrittenSpan;
    }

    private static void Code(ReadOnlyMemory<byte> contents, ArrayBufferWriter<byte> output)
    {
        var cursor = new BinaryCursor(contents, 0, contents.Length, "code section");
        var count = cursor.U32("the number of functions");
        if (count > (uint)cursor.Remaining)
            throw cursor.Fail($"unexpected end: {count} functions announced, {cursor.Remaining} bytes remain");
        var body = new ArrayBufferWriter<byte>((int)count * 4 + 5);
        body.WriteU32(count);
        for (var i = 0; i < count; i++)
            body.Write(UnreachableBody);
        output.Write((ReadOnlySpan<byte>)[10]);
        output.WriteU32((uint)body.WrittenCount);
        output.Write(body.WrittenSpan);
    }
}
