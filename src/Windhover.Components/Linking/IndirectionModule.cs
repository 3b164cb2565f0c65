using Windhover.Components.Binary;

namespace Windhover.Components.Linking;

// Recognises the two little modules that wit-component puts around a main module, from their bytes:
//
//   shim    exports functions "0", "1", …, each of which only calls entry k of its own table; exports the table
//             (func (export "3") (param i32 i32) local.get 0 local.get 1 i32.const 3 call_indirect $t)
//   fixup   imports that table and functions, and fills the table with them; nothing else
//             (elem (table 0) (i32.const 0) func 0 1 2 …)
//
// They exist because a lowered import needs main's memory, and main needs its imports first. A host that finds the memory when the function is
// called needs neither: ShimElision. The forms are matched instruction by instruction: anything else is not recognised and runs as it is.
internal sealed class IndirectionModule
{
    private const int MaxSize = 1 << 20;
    private const int MaxItems = 10_000;

    private IndirectionModule()
    {
    }

    /// <summary>Shim: the table entry that each exported function calls.</summary>
    public Dictionary<string, int>? Trampolines { get; private init; }

    /// <summary>Shim: the name under which the table is exported.</summary>
    public string? TableExport { get; private init; }

    /// <summary>Fixup: the import (its place among all imports) that fills each table entry.</summary>
    public int[]? Entries { get; private init; }

    /// <summary>Fixup: the place of the table among the imports.</summary>
    public int TableImport { get; private init; }

    /// <summary>The shape of a valid core module, or null when it is neither.</summary>
    public static IndirectionModule? Recognise(ReadOnlySpan<byte> module)
    {
        if (module.Length is < 8 or > MaxSize)
            return null;

        var reader = new CoreReader(module[8..]);
        var sections = new Dictionary<byte, (int Start, int Length)>();
        while (!reader.AtEnd)
        {
            byte id = reader.Byte();
            int length = reader.Int();
            int start = 8 + reader.Position;
            reader.Skip(length);
            if (reader.Failed || (id != 0 && !sections.TryAdd(id, (start, length))))
                return null;
        }

        bool Has(byte id) => sections.ContainsKey(id);
        if (reader.Failed || Has(5) || Has(6) || Has(8) || Has(11) || Has(12) || Has(13))
            return null; // memory, global, start, data, data count, tag

        return Has(1) && Has(3) && Has(10) && Has(4) && Has(7) && !Has(2) && !Has(9) ? Shim(module, sections)
            : Has(9) && Has(2) && !Has(10) && !Has(4) && !Has(3) && !Has(7) ? Fixup(module, sections)
            : null;
    }

    private static CoreReader Section(ReadOnlySpan<byte> module, Dictionary<byte, (int Start, int Length)> sections, byte id) =>
        new(module.Slice(sections[id].Start, sections[id].Length));

    private static IndirectionModule? Shim(ReadOnlySpan<byte> module, Dictionary<byte, (int Start, int Length)> sections)
    {
        int[]? parameters = ParameterCounts(Section(module, sections, 1));
        CoreReader tables = Section(module, sections, 4);
        if (parameters is null || tables.Int() != 1 || tables.Byte() != 0x70 || tables.Byte() > 1)
            return null;

        int tableSize = tables.Int();
        CoreReader functions = Section(module, sections, 3);
        CoreReader code = Section(module, sections, 10);
        int count = functions.Int();
        if (count != code.Int() || functions.Failed || count > MaxItems)
            return null;

        var entries = new int[count];
        for (int i = 0; i < count; i++)
        {
            int type = functions.Int();
            if ((uint)type >= (uint)parameters.Length || !Trampoline(ref code, type, parameters[type], out entries[i])
                || entries[i] >= tableSize)
                return null;
        }

        CoreReader exports = Section(module, sections, 7);
        var trampolines = new Dictionary<string, int>(StringComparer.Ordinal);
        string? table = null;
        for (int left = exports.Int(); left > 0 && !exports.Failed; left--)
        {
            string name = exports.Name();
            byte kind = exports.Byte();
            int index = exports.Int();
            if (kind == 0 && index < count)
                trampolines[name] = entries[index];
            else if (kind == 1 && table is null)
                table = name;
            else
                return null;
        }

        return exports.Failed || table is null ? null : new IndirectionModule { Trampolines = trampolines, TableExport = table };
    }

    /// <summary>size, no locals, local.get of each parameter, i32.const entry, call_indirect of its own type in table 0, end.</summary>
    private static bool Trampoline(ref CoreReader code, int type, int parameters, out int entry)
    {
        entry = 0;
        code.Int();
        if (code.Int() != 0)
            return false;

        for (int p = 0; p < parameters; p++)
        {
            if (code.Byte() != 0x20 || code.Int() != p)
                return false;
        }

        if (code.Byte() != 0x41)
            return false;

        entry = code.Const();
        return code.Byte() == 0x11 && code.Int() == type && code.Int() == 0 && code.Byte() == 0x0b && !code.Failed;
    }

    private static int[]? ParameterCounts(CoreReader types)
    {
        int count = types.Int();
        if (count > MaxItems)
            return null;

        var parameters = new int[count];
        for (int i = 0; i < count; i++)
        {
            if (types.Byte() != 0x60)
                return null;

            // Numbers are one byte each; a reference type of two would not match what follows, and fail.
            parameters[i] = types.Int();
            types.Skip(parameters[i]);
            types.Skip(types.Int());
        }

        return types.Failed || !types.AtEnd ? null : parameters;
    }

    private static IndirectionModule? Fixup(ReadOnlySpan<byte> module, Dictionary<byte, (int Start, int Length)> sections)
    {
        CoreReader imports = Section(module, sections, 2);
        int count = imports.Int();
        var functions = new List<int>();
        int table = -1;
        for (int i = 0; i < count && !imports.Failed; i++)
        {
            imports.Name();
            imports.Name();
            byte kind = imports.Byte();
            if (kind == 0)
            {
                imports.Int();
                functions.Add(i);
            }
            else if (kind == 1 && table < 0)
            {
                table = i;
                imports.Byte();
                byte flags = imports.Byte();
                imports.Int();
                if (flags > 1)
                    return null;
                if (flags == 1)
                    imports.Int();
            }
            else
            {
                return null;
            }
        }

        CoreReader elements = Section(module, sections, 9);
        if (table < 0 || imports.Failed || elements.Int() != 1 || elements.Int() != 0
            || elements.Byte() != 0x41 || elements.Const() != 0 || elements.Byte() != 0x0b)
            return null;

        int length = elements.Int();
        if (length > functions.Count)
            return null;

        var entries = new int[length];
        for (int i = 0; i < length; i++)
        {
            int function = elements.Int();
            if (function >= functions.Count)
                return null;
            entries[i] = functions[function];
        }

        return elements.Failed || !elements.AtEnd ? null : new IndirectionModule { Entries = entries, TableImport = table };
    }
}
