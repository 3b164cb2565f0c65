using System.Security.Cryptography;

namespace Windhover.Engine;

// Makes a module stoppable by its memory pages. Binary to binary, one pass to find the places and one to write:
//
//      user's module                     rewritten
//      ┌──────────────────────┐          ┌───────────────────────────────┐
//      │ memories 0 … n-1     │          │ memories 0 … n-1, guard (n)   │   appended, so that no index changes; 4 KiB, never written
//      │ exports              │          │ exports, guard, start (, data)│   under names that begin with NUL, hidden from the user
//      │ start                │          │                               │   called by the store, once it knows the guard
//      │ code: loop … end     │          │ code: loop CHECK … end        │   CHECK = i32.const 0; i32.load8_u guard offset=k; drop
//      │ name                 │          │ name, with the module's alias │   by which frames of a backtrace find the way back
//      └──────────────────────┘          └───────────────────────────────┘
//
// A dropped load stays in the machine code, since it may trap: one instruction that nothing waits for. Two of them at the same address would not both
// stay: Cranelift takes the value of the first for the second where nothing is stored in between, and a loop would lose its check to the one before
// it. So no two checks of a function read the same byte: the k-th reads byte k, and the guard is as large as the function with most checks needs.
//
// Where a turn of a loop is a few instructions, the check would be a tenth of it. Straight turns that end with `br_if 0` are written twice, with one check:
//
//      loop                              loop CHECK
//        turn                              block
//        br_if 0                             turn  i32.eqz  br_if 0      not again: out of the block, and so of the loop
//      end                                   turn  br_if 1               again: the loop
//                                          end
//                                        end
//
// The module was found valid before, as the user's options ask for it (multi-memory and custom page sizes, which the guard needs, are for the guard
// alone). So nothing in the user's code can name the guard: an index n would have been invalid.

/// <summary>Puts checks into modules.</summary>
internal static class GuardRewriter
{
    /// <summary>Part of the key of compiled modules: to be counted up with every change to what it writes.</summary>
    public const int Version = 2;

    private const int PageSize = 4096;
    private const byte ImportSection = 2, MemorySection = 5, ExportSection = 7, StartSection = 8, CodeSection = 10;
    private const byte FunctionKind = 0, MemoryKind = 2;
    private const int MemoryRank = 5, ExportRank = 8;

    /// <summary>Rewrites a valid module.</summary>
    /// <param name="wasm">The module.</param>
    /// <param name="layout">What was read of it.</param>
    /// <param name="hasData">Whether to export the memory, since its data come later (<see cref="ModuleData"/>).</param>
    /// <exception cref="RewriteException">It holds something that is not known here.</exception>
    /// <exception cref="OverflowException">What is written would not fit 2 GiB.</exception>
    public static (byte[] Wasm, GuardedCode Code) Rewrite(ReadOnlySpan<byte> wasm, ModuleLayout layout, bool hasData = false)
    {
        if (layout.HasReservedName)
            throw new RewriteException("the name of an export is reserved", 0);
        var names = new NameSection("windhover " + Convert.ToHexStringLower(SHA256.HashData(wasm).AsSpan(0, 16)));
        var map = new CodeMap.Builder();
        var writer = new WasmWriter(checked(wasm.Length + 256 + layout.Scan.Checks * 9));
        writer.Bytes(ModuleLayout.Header);
        var rank = 0;
        foreach (var section in layout.Sections)
        {
            var content = wasm[section.Start..section.End];
            var before = rank;
            rank = section.Id == 0 ? rank : Rank(section.Id);
            Missing(writer, layout, hasData, before, rank);
            switch (section.Id)
            {
                case 0:
                    if (names.Keeps(content, out var replacement))
                        writer.Section(0, replacement);
                    break;
                case MemorySection:
                    Append(writer, MemorySection, content, 1, GuardType(layout));
                    break;
                case ExportSection:
                    Append(writer, ExportSection, content, ExportCount(layout, hasData), Exports(layout, hasData));
                    break;
                case StartSection:
                    break;
                case CodeSection:
                    WriteCode(writer, map, wasm, section, layout);
                    break;
                default:
                    writer.Section(section.Id, content);
                    break;
            }
        }
        Missing(writer, layout, hasData, rank, int.MaxValue);
        names.Finish(writer);
        return (writer.Written.ToArray(), new GuardedCode(names.Alias, names.Original, layout.Start is not null, hasData, map.Build()));
    }

    // Sections come in an order that is not that of their ids.
    private static int Rank(byte id) => id switch
    {
        <= 5 => id,
        13 => 6,
        6 => 7,
        7 => ExportRank,
        8 => 9,
        9 => 10,
        12 => 11,
        10 => 12,
        11 => 13,
        _ => throw new RewriteException($"unknown section {id}", 0),
    };

    // The sections that the module does not have, where they belong.
    private static void Missing(WasmWriter writer, ModuleLayout layout, bool hasData, int before, int rank)
    {
        if (before < MemoryRank && rank > MemoryRank)
            Append(writer, MemorySection, [0], 1, GuardType(layout));
        if (before < ExportRank && rank > ExportRank)
            Append(writer, ExportSection, [0], ExportCount(layout, hasData), Exports(layout, hasData));
    }

    private static void Append(WasmWriter writer, byte id, ReadOnlySpan<byte> content, uint count, ReadOnlySpan<byte> items)
    {
        var reader = new WasmReader(content, 0, content.Length);
        var whole = reader.U32() + count;
        var rest = content[reader.Position..];
        writer.Byte(id);
        writer.U32((uint)(WasmWriter.SizeOf(whole) + rest.Length + items.Length));
        writer.U32(whole);
        writer.Bytes(rest);
        writer.Bytes(items);
    }

    // A memory of pages of one byte (log2 is 0), of fixed size: the pool has little to clear, and no access to it needs a check of bounds.
    private static byte[] GuardType(ModuleLayout layout)
    {
        const byte HasMaximum = 1, HasPageSize = 8;
        var size = (uint)checked((layout.Scan.MostChecks + PageSize - 1) / PageSize * PageSize);
        var writer = new WasmWriter(16);
        writer.Byte(HasMaximum | HasPageSize);
        writer.U32(size);
        writer.U32(size);
        writer.U32(0);
        return writer.Written.ToArray();
    }

    private static uint ExportCount(ModuleLayout layout, bool hasData) => 1u + (layout.Start is null ? 0u : 1) + (hasData ? 1u : 0);

    private static byte[] Exports(ModuleLayout layout, bool hasData)
    {
        var writer = new WasmWriter(64);
        writer.Name(GuardedCode.MemoryExport);
        writer.Byte(MemoryKind);
        writer.U32(layout.Memories);
        if (layout.Start is { } start)
        {
            writer.Name(GuardedCode.StartExport);
            writer.Byte(FunctionKind);
            writer.U32(start);
        }
        if (hasData)
        {
            writer.Name(GuardedCode.DataExport);
            writer.Byte(MemoryKind);
            writer.U32(0);
        }
        return writer.Written.ToArray();
    }

    private static void WriteCode(WasmWriter writer, CodeMap.Builder map, ReadOnlySpan<byte> wasm, ModuleSection section, ModuleLayout layout)
    {
        var scan = layout.Scan;
        var size = (long)WasmWriter.SizeOf((uint)scan.Functions);
        for (var i = 0; i < scan.Functions; i++)
        {
            var body = BodySize(layout, i);
            size += WasmWriter.SizeOf((uint)body) + body;
        }
        writer.Byte(CodeSection);
        writer.U32(checked((uint)size));
        writer.U32((uint)scan.Functions);
        for (var i = 0; i < scan.Functions; i++)
        {
            var body = layout.Bodies[i];
            writer.U32((uint)BodySize(layout, i));
            map.Add(writer.Position, body.Start, 0);
            var from = body.Start;
            uint k = 0;
            foreach (var at in scan.Of(i))
            {
                writer.Bytes(wasm[from..at]);
                from = at;
                var start = writer.Position;
                WriteCheck(writer, layout.Memories, k++);
                var turnEnd = scan.TurnEnd(at);
                if (turnEnd != 0)
                    writer.Bytes(BlockBegin);
                map.Add(start, at, writer.Position - start);
                if (turnEnd != 0)
                    from = WriteTwice(writer, map, wasm, at, turnEnd);
            }
            writer.Bytes(wasm[from..body.End]);
        }
    }

    private static ReadOnlySpan<byte> BlockBegin => [0x02, 0x40];

    private static ReadOnlySpan<byte> UnlessAgain => [0x45, 0x0d, 0]; // i32.eqz, br_if 0

    private static ReadOnlySpan<byte> Again => [0x0d, 1]; // br_if 1

    // Where the rest of the function goes on: at the loop's end.
    private static int WriteTwice(WasmWriter writer, CodeMap.Builder map, ReadOnlySpan<byte> wasm, int turn, int turnEnd)
    {
        const byte End = 0x0b;
        writer.Bytes(wasm[turn..turnEnd]);
        map.Add(writer.Position, turn, UnlessAgain.Length);
        writer.Bytes(UnlessAgain);
        writer.Bytes(wasm[turn..turnEnd]);
        writer.Bytes(Again);
        var loopEnd = turnEnd + Again.Length;
        map.Add(writer.Position, loopEnd, 1);
        writer.Byte(End);
        return loopEnd;
    }

    private static int BodySize(ModuleLayout layout, int function)
    {
        var body = layout.Bodies[function];
        var size = body.End - body.Start;
        var k = 0u;
        foreach (var at in layout.Scan.Of(function))
        {
            size = checked(size + CheckSize(layout.Memories, k++));
            if (layout.Scan.TurnEnd(at) is not 0 and var turnEnd)
                size = checked(size + BlockBegin.Length + UnlessAgain.Length + (turnEnd - at) + 1);
        }

        return size;
    }

    private static int CheckSize(uint memory, uint offset) =>
        5 + WasmWriter.SizeOf(offset) + (memory == 0 ? 0 : WasmWriter.SizeOf(memory));

    private static void WriteCheck(WasmWriter writer, uint memory, uint offset)
    {
        const byte I32Const = 0x41, I32Load8U = 0x2d, Drop = 0x1a, HasIndex = 0x40;
        writer.Byte(I32Const);
        writer.Byte(0);
        writer.Byte(I32Load8U);
        writer.Byte(memory == 0 ? (byte)0 : HasIndex);
        if (memory != 0)
            writer.U32(memory);
        writer.U32(offset);
        writer.Byte(Drop);
    }
}
