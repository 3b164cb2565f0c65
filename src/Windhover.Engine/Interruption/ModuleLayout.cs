namespace Windhover.Engine;

/// <summary>A section: its id, and where its content is.</summary>
internal readonly record struct ModuleSection(byte Id, int Start, int End);

/// <summary>What the rewriter has to know of a module before it writes.</summary>
internal sealed class ModuleLayout
{
    private const byte Function = 0, Table = 1, Memory = 2, Global = 3, Tag = 4;

    private readonly HashSet<uint> _entries = [];
    private uint _importedFunctions;

    /// <summary>What every module of version 1 begins with.</summary>
    public static ReadOnlySpan<byte> Header => [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    /// <summary>All sections, in order.</summary>
    public List<ModuleSection> Sections { get; } = [];

    /// <summary>The functions' bodies, without their sizes.</summary>
    public List<(int Start, int End)> Bodies { get; } = [];

    /// <summary>Where checks go.</summary>
    public FunctionScan Scan { get; } = new();

    /// <summary>How many memories it defines.</summary>
    public uint DefinedMemories { get; private set; }

    /// <summary>How many memories there are, imported ones included: the index of the next.</summary>
    public uint Memories { get; private set; }

    /// <summary>Whether an export has a name that the rewriter keeps for itself.</summary>
    public bool HasReservedName { get; private set; }

    /// <summary>The start function.</summary>
    public uint? Start { get; private set; }

    /// <summary>Reads a module.</summary>
    /// <exception cref="RewriteException">It is malformed, or holds something that is not known here.</exception>
    public static ModuleLayout Read(ReadOnlySpan<byte> wasm)
    {
        if (!wasm.StartsWith(Header))
            throw new RewriteException("not a module", 0);
        var layout = new ModuleLayout();
        var reader = new WasmReader(wasm, Header.Length, wasm.Length);
        while (!reader.AtEnd)
        {
            var id = reader.Byte();
            var size = reader.U32();
            var start = reader.Position;
            reader.Skip(size);
            var section = new ModuleSection(id, start, reader.Position);
            layout.Sections.Add(section);
            layout.ReadSection(wasm, section);
        }
        return layout;
    }

    /// <summary>Of the import section alone.</summary>
    /// <exception cref="RewriteException">It is malformed, or holds something that is not known here.</exception>
    public static ModuleLayout ReadImports(ReadOnlySpan<byte> section)
    {
        var layout = new ModuleLayout();
        layout.ReadSection(section, new ModuleSection(2, 0, section.Length));
        return layout;
    }

    private void ReadSection(ReadOnlySpan<byte> wasm, ModuleSection section)
    {
        var reader = new WasmReader(wasm, section.Start, section.End);
        switch (section.Id)
        {
            case 2:
                for (var count = reader.U32(); count > 0; count--)
                    ReadImport(ref reader);
                break;
            case 5:
                DefinedMemories = reader.U32();
                Memories = checked(Memories + DefinedMemories);
                return;
            case 7:
                for (var count = reader.U32(); count > 0; count--)
                    ReadExport(ref reader);
                break;
            case 8:
                Start = reader.U32();
                _entries.Add(Start.Value);
                break;
            case 10:
                ReadCode(wasm, ref reader);
                break;
            default:
                return;
        }
        if (!reader.AtEnd)
            throw new RewriteException("a section is longer than its content", reader.Position);
    }

    private void ReadImport(ref WasmReader reader)
    {
        reader.Skip(reader.U32());
        reader.Skip(reader.U32());
        var kind = reader.Byte();
        switch (kind)
        {
            case Function:
                reader.U32();
                _importedFunctions++;
                break;
            case Table:
                Instructions.ValueType(ref reader);
                Limits(ref reader);
                break;
            case Memory:
                Limits(ref reader);
                Memories++;
                break;
            case Global:
                Instructions.ValueType(ref reader);
                reader.Byte();
                break;
            case Tag:
                reader.Byte();
                reader.U32();
                break;
            default:
                throw new RewriteException($"unknown import kind {kind}", reader.Position);
        }
    }

    private static void Limits(ref WasmReader reader)
    {
        const byte HasMaximum = 1, Known = 7;
        var flags = reader.Byte();
        if (flags > Known)
            throw new RewriteException($"unknown limits {flags}", reader.Position);
        reader.SkipNumber(64);
        if ((flags & HasMaximum) != 0)
            reader.SkipNumber(64);
    }

    private void ReadExport(ref WasmReader reader)
    {
        HasReservedName |= reader.Take(reader.U32()).StartsWith(GuardedCode.ReservedPrefix);
        var kind = reader.Byte();
        var index = reader.U32();
        if (kind == Function)
            _entries.Add(index);
    }

    private void ReadCode(ReadOnlySpan<byte> wasm, ref WasmReader reader)
    {
        var count = reader.U32();
        for (uint i = 0; i < count; i++)
        {
            var size = reader.U32();
            var start = reader.Position;
            reader.Skip(size);
            Bodies.Add((start, reader.Position));
            var body = new WasmReader(wasm, start, reader.Position);
            Scan.Add(ref body, _entries.Contains(unchecked(_importedFunctions + i)));
        }
    }
}
