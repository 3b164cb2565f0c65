using System.Buffers;

namespace Windhover.Components.Binary;

/// <summary>
/// A core module without its code: the sections that make up its type are copied, functions that are not exported go, every body is
/// <c>unreachable</c>, and what initialises it (start, elements, data) goes too, since none of it shows in the module's type.
/// <code>
///   copied    1 types  2 imports  4 tables  5 memories  6 globals  13 tags
///   renumbered 3 functions: the exported ones      7 exports: their new numbers
///   made      10 code: for each function `03 00 00 0b` (size 3, no locals, unreachable, end)
///   dropped   0 custom  8 start  9 elements  11 data  12 data count
/// </code>
/// Leaving out the rest matters: a module of 12,000 functions takes 155 ms to validate with all of their stubs. A module whose tables or
/// globals might refer to a function by number (a byte 0xd2, ref.func, somewhere in them) keeps all functions and their numbers.
/// </summary>
internal static class ModuleStub
{
    private static ReadOnlySpan<byte> UnreachableBody => [3, 0, 0, 0x0b];

    /// <summary>The stub of a module that starts at <paramref name="offset"/> of the outermost binary.</summary>
    /// <exception cref="InvalidComponentException">The section headers, functions or exports of the module are malformed.</exception>
    public static ReadOnlySpan<byte> Write(ReadOnlyMemory<byte> module, int offset)
    {
        var sections = Sections(module, offset);
        var keepsNumbers = sections.Exists(s => s.Id is 4 or 6 && s.Contents.Span.Contains((byte)0xd2));
        var imported = ImportedFunctions(sections);
        var exports = sections.Where(s => s.Id == 7).SelectMany(s => s.Cursor().Vector("exports", Export)).ToList();
        var kept = keepsNumbers || imported < 0
            ? null
            : exports.Where(e => e.Kind == 0 && e.Index >= imported).Select(e => e.Index - imported).Distinct().Order().ToList();

        var output = new ArrayBufferWriter<byte>();
        output.Write(module.Span[..WasmFile.PreambleLength]);
        foreach (var section in sections)
        {
            switch (section.Id)
            {
                case 3 when kept is not null:
                    Section(3, Functions(section, kept), output);
                    break;
                case 7 when kept is not null:
                    Section(7, Exports(exports, imported, kept), output);
                    break;
                case >= 1 and <= 7 or 13:
                    Section(section.Id, section.Contents.Span, output);
                    break;
                case 10:
                    Section(10, Code(kept?.Count ?? CodeCount(section)), output);
                    break;
            }
        }

        return output.WrittenSpan;
    }

    private static List<CoreSection> Sections(ReadOnlyMemory<byte> module, int offset)
    {
        var sections = new List<CoreSection>();
        var cursor = new BinaryCursor(module, WasmFile.PreambleLength, module.Length, "core module");
        while (!cursor.AtEnd)
        {
            var at = offset + cursor.Position;
            var id = cursor.U8("a section id");
            if (id > 13)
                throw new InvalidComponentException($"unknown section id {id}", at, "core module");
            var size = cursor.U32("a section size");
            if (size > (uint)cursor.Remaining)
                throw new InvalidComponentException($"unexpected end: section {id} is {size} bytes long, {cursor.Remaining} remain", at, "core module");
            sections.Add(new CoreSection(id, cursor.Slice((int)size, "a section")));
        }

        return sections;
    }

    /// <summary>The number of imported functions; -1 when an import is of a kind that is not known here: then nothing is renumbered.</summary>
    private static int ImportedFunctions(List<CoreSection> sections)
    {
        try
        {
            return sections.Where(s => s.Id == 2).Sum(s => s.Cursor().Vector("imports", CoreTypeDecoder.Import).Count(i => i.Type is CoreExternType.Func));
        }
        catch (InvalidComponentException)
        {
            return -1;
        }
    }

    private static ReadOnlySpan<byte> Functions(CoreSection section, List<int> kept)
    {
        var types = section.Cursor().Vector("functions", (ref BinaryCursor c) => c.U32("a type index"));
        var output = new ArrayBufferWriter<byte>();
        output.WriteU32((uint)kept.Count);
        foreach (var function in kept)
        {
            if (function >= types.Count)
                throw new InvalidComponentException($"a core module exports function {function} of the {types.Count} that it defines");
            output.WriteU32(types[function]);
        }

        return output.WrittenSpan;
    }

    private static ReadOnlySpan<byte> Exports(List<CoreExport> exports, int imported, List<int> kept)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteU32((uint)exports.Count);
        foreach (var export in exports)
        {
            output.WriteU32((uint)export.Name.Length);
            output.Write(export.Name.Span);
            output.Write((ReadOnlySpan<byte>)[export.Kind]);
            var renumbered = export.Kind == 0 && export.Index >= imported;
            output.WriteU32((uint)(renumbered ? imported + kept.BinarySearch(export.Index - imported) : export.Index));
        }

        return output.WrittenSpan;
    }

    private static ReadOnlySpan<byte> Code(int count)
    {
        var output = new ArrayBufferWriter<byte>();
        output.WriteU32((uint)count);
        for (var i = 0; i < count; i++)
            output.Write(UnreachableBody);
        return output.WrittenSpan;
    }

    /// <summary>At most one body for each byte of the section, so that a false count cannot blow up the stub.</summary>
    private static int CodeCount(CoreSection section)
    {
        var cursor = section.Cursor();
        var count = cursor.Index("the number of functions");
        return count <= cursor.Remaining ? count : throw cursor.Fail($"unexpected end: {count} functions announced, {cursor.Remaining} bytes remain");
    }

    private static CoreExport Export(ref BinaryCursor c)
    {
        var length = c.Index("the length of an export's name");
        return new CoreExport(c.Slice(length, "an export's name"), c.U8("the kind of an export"), c.Index("the index of an export"));
    }

    private static void Section(byte id, ReadOnlySpan<byte> contents, ArrayBufferWriter<byte> output)
    {
        output.Write((ReadOnlySpan<byte>)[id]);
        output.WriteU32((uint)contents.Length);
        output.Write(contents);
    }

    private readonly record struct CoreExport(ReadOnlyMemory<byte> Name, byte Kind, int Index);

    private readonly record struct CoreSection(byte Id, ReadOnlyMemory<byte> Contents)
    {
        public BinaryCursor Cursor() => new(Contents, 0, Contents.Length, "core module");
    }
}
