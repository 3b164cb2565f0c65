namespace Windhover.Engine;

/// <summary>What an instruction is to the rewriter.</summary>
internal enum InstructionKind : byte
{
    /// <summary>Nothing special: done in a bounded number of cycles.</summary>
    Plain,

    /// <summary>Opens a loop: what follows it runs once per turn.</summary>
    Loop,

    /// <summary>Opens a block of another kind.</summary>
    Block,

    /// <summary>Ends a block, or the function.</summary>
    End,

    /// <summary>Enters another function.</summary>
    Call,

    /// <summary>Takes as long as one of its operands says: a fill, a copy, a growth.</summary>
    Bulk,
}

/// <summary>
/// Steps over instructions: every opcode of WebAssembly 3.0 (and threads, relaxed SIMD, wide arithmetic), that is, of everything that an
/// <see cref="EngineOptions"/> can switch on. Any other is refused.
/// </summary>
internal static class Instructions
{
    private const byte EmptyBlock = 0x40;
    private const byte NullableReference = 0x63;
    private const byte Reference = 0x64;

    /// <summary>Reads one instruction with its immediates.</summary>
    public static InstructionKind Step(ref WasmReader reader)
    {
        var opcode = reader.Byte();
        switch (opcode)
        {
            case 0x0b:
                return InstructionKind.End;
            case 0x02 or 0x04:
                BlockType(ref reader);
                return InstructionKind.Block;
            case 0x03:
                BlockType(ref reader);
                return InstructionKind.Loop;
            case 0x1f: // try_table
                BlockType(ref reader);
                Catches(ref reader);
                return InstructionKind.Block;
            case 0x10 or 0x12 or 0x14 or 0x15: // call, return_call, call_ref, return_call_ref
                reader.U32();
                return InstructionKind.Call;
            case 0x11 or 0x13: // call_indirect, return_call_indirect
                reader.U32();
                reader.U32();
                return InstructionKind.Call;
            case 0x40: // memory.grow
                reader.U32();
                return InstructionKind.Bulk;
            case 0x0e:
                Vector(ref reader, 32);
                reader.U32();
                break;
            case 0x1c:
                for (var count = reader.U32(); count > 0; count--)
                    ValueType(ref reader);
                break;
            case 0x08 or 0x0c or 0x0d or (>= 0x20 and <= 0x26) or 0x3f or 0xd2 or 0xd5 or 0xd6:
                reader.U32();
                break;
            case >= 0x28 and <= 0x3e:
                MemoryArgument(ref reader);
                break;
            case 0x41:
                reader.SkipNumber(32);
                break;
            case 0x42:
                reader.SkipNumber(64);
                break;
            case 0x43:
                reader.Skip(4);
                break;
            case 0x44:
                reader.Skip(8);
                break;
            case 0xd0:
                reader.SkipNumber(33);
                break;
            case 0xfb:
                return Collected(ref reader);
            case 0xfc:
                return Miscellaneous(ref reader);
            case 0xfd:
                Vector128(ref reader);
                break;
            case 0xfe:
                Atomic(ref reader);
                break;
            case 0x00 or 0x01 or 0x05 or 0x0a or 0x0f or 0x1a or 0x1b or (>= 0x45 and <= 0xc4) or 0xd1 or 0xd3 or 0xd4:
                break;
            default:
                throw Unknown(opcode, null, ref reader);
        }
        return InstructionKind.Plain;
    }

    /// <summary><c>loop</c> with neither parameters nor results.</summary>
    public static ReadOnlySpan<byte> EmptyLoop => [0x03, EmptyBlock];

    /// <summary><c>br_if 0</c>, and the <c>end</c> of what it branches to.</summary>
    public static ReadOnlySpan<byte> BranchAndEnd => [0x0d, 0, 0x0b];

    /// <summary>
    /// Whether the next instruction goes on to the one behind it (or traps), and names no label: constants, locals, globals, loads, stores, arithmetic, <c>drop</c>, <c>select</c>. Others may be too; these
    /// are certain.
    /// </summary>
    public static bool IsStraight(in WasmReader reader) =>
        reader.Peek() is 0x1a or 0x1b or (>= 0x20 and <= 0x24) or (>= 0x28 and <= 0x3f) or (>= 0x41 and <= 0xc4) or 0xfd;

    /// <summary>Steps over a value type.</summary>
    public static void ValueType(ref WasmReader reader)
    {
        if (reader.Byte() is NullableReference or Reference)
            reader.SkipNumber(33);
    }

    private static void BlockType(ref WasmReader reader)
    {
        if (reader.Peek() is EmptyBlock or NullableReference or Reference)
            ValueType(ref reader);
        else
            reader.SkipNumber(33); // a value type is a negative number, an index of a type a positive one
    }

    private static void Catches(ref WasmReader reader)
    {
        for (var count = reader.U32(); count > 0; count--)
        {
            var kind = reader.Byte();
            if (kind > 3)
                throw new RewriteException($"unknown catch clause {kind}", reader.Position);
            if (kind < 2)
                reader.U32();
            reader.U32();
        }
    }

    private static void Vector(ref WasmReader reader, int bits)
    {
        for (var count = reader.U32(); count > 0; count--)
            reader.SkipNumber(bits);
    }

    private static void MemoryArgument(ref WasmReader reader)
    {
        const uint HasIndex = 0x40;
        if ((reader.U32() & HasIndex) != 0)
            reader.U32();
        reader.SkipNumber(64);
    }

    private static InstructionKind Collected(ref WasmReader reader)
    {
        var opcode = reader.U32();
        switch (opcode)
        {
            case 6 or 16: // array.new, array.fill
                reader.U32();
                return InstructionKind.Bulk;
            case 7: // array.new_default
                reader.U32();
                return InstructionKind.Bulk;
            case 8 or 9 or 10 or 17 or 18 or 19: // array.new_fixed, .new_data, .new_elem, .copy, .init_data, .init_elem
                reader.U32();
                reader.U32();
                return InstructionKind.Bulk;
            case 0 or 1 or 11 or 12 or 13 or 14:
                reader.U32();
                break;
            case 2 or 3 or 4 or 5:
                reader.U32();
                reader.U32();
                break;
            case >= 20 and <= 23:
                reader.SkipNumber(33);
                break;
            case 24 or 25:
                reader.Byte();
                reader.U32();
                reader.SkipNumber(33);
                reader.SkipNumber(33);
                break;
            case 15 or (>= 26 and <= 30):
                break;
            default:
                throw Unknown(0xfb, opcode, ref reader);
        }
        return InstructionKind.Plain;
    }

    private static InstructionKind Miscellaneous(ref WasmReader reader)
    {
        var opcode = reader.U32();
        switch (opcode)
        {
            case 8 or 10 or 12 or 14: // memory.init, memory.copy, table.init, table.copy
                reader.U32();
                reader.U32();
                return InstructionKind.Bulk;
            case 11 or 15 or 17: // memory.fill, table.grow, table.fill
                reader.U32();
                return InstructionKind.Bulk;
            case 9 or 13 or 16:
                reader.U32();
                break;
            case <= 7 or (>= 19 and <= 22):
                break;
            default:
                throw Unknown(0xfc, opcode, ref reader);
        }
        return InstructionKind.Plain;
    }

    private static void Vector128(ref WasmReader reader)
    {
        var opcode = reader.U32();
        switch (opcode)
        {
            case <= 11 or 92 or 93:
                MemoryArgument(ref reader);
                break;
            case 12 or 13:
                reader.Skip(16);
                break;
            case >= 21 and <= 34:
                reader.Byte();
                break;
            case >= 84 and <= 91:
                MemoryArgument(ref reader);
                reader.Byte();
                break;
            case <= 0x113:
                break;
            default:
                throw Unknown(0xfd, opcode, ref reader);
        }
    }

    private static void Atomic(ref WasmReader reader)
    {
        var opcode = reader.U32();
        switch (opcode)
        {
            case <= 2 or (>= 0x10 and <= 0x4e):
                MemoryArgument(ref reader);
                break;
            case 3:
                reader.Byte();
                break;
            default:
                throw Unknown(0xfe, opcode, ref reader);
        }
    }

    private static RewriteException Unknown(byte opcode, uint? second, ref WasmReader reader) =>
        new(second is null ? $"unknown instruction 0x{opcode:x2}" : $"unknown instruction 0x{opcode:x2} 0x{second:x}", reader.Position);
}
