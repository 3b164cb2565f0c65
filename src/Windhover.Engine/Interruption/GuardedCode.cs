using System.Text;

namespace Windhover.Engine;

/// <summary>What is to be known about a module that <see cref="GuardRewriter"/> rewrote: how to stop its instances, and how to speak of it as the user knows it.</summary>
/// <param name="Alias">The name that the rewritten module has, by which frames of backtraces are told apart.</param>
/// <param name="Name">The name that the user's module has, if any.</param>
/// <param name="HasStart">Whether a start function is to be called once the guard is known.</param>
/// <param name="HasData">Whether the memory is without the user's data, and exported so that they can be put into it.</param>
/// <param name="Map">Offsets.</param>
internal sealed record GuardedCode(string Alias, string? Name, bool HasStart, bool HasData, CodeMap Map)
{
    /// <summary>What names of exports begin with that the rewriter adds. No other may: NUL is in no name that a tool makes.</summary>
    public static ReadOnlySpan<byte> ReservedPrefix => "\0windhover."u8;

    /// <summary>The export that is the guard memory.</summary>
    public static ReadOnlySpan<byte> MemoryExport => "\0windhover.guard"u8;

    /// <summary>The export that was the start function.</summary>
    public static ReadOnlySpan<byte> StartExport => "\0windhover.start"u8;

    /// <summary>The export that is the user's memory, if its data are apart.</summary>
    public static ReadOnlySpan<byte> DataExport => "\0windhover.data"u8;

    private const byte FlagStart = 1;
    private const byte FlagName = 2;
    private const byte FlagData = 4;

    /// <summary>What is to be put into the memory of each instance; null: nothing.</summary>
    public ModuleData? Data { get; init; }

    /// <summary>How many exports the rewriter added.</summary>
    public int Added => 1 + (HasStart ? 1 : 0) + (HasData ? 1 : 0);

    /// <summary>The frame as the user knows it.</summary>
    /// <param name="frame">A frame of the rewritten module.</param>
    /// <param name="atCheck">Whether it stands at a check.</param>
    public WasmFrame Translate(WasmFrame frame, out bool atCheck)
    {
        atCheck = false;
        if (frame.ModuleOffset < 0 || frame.FunctionOffset < 0)
            return frame with { ModuleName = Name };
        var offset = Map.Translate(frame.ModuleOffset, out atCheck);
        var function = Map.Translate(frame.ModuleOffset - frame.FunctionOffset, out _);
        return frame with { ModuleName = Name, ModuleOffset = offset, FunctionOffset = offset - function };
    }

    /// <summary>For the compile cache.</summary>
    public byte[] ToBytes()
    {
        var writer = new WasmWriter(4096);
        writer.Byte((byte)((HasStart ? FlagStart : 0) | (Name is null ? 0 : FlagName) | (HasData ? FlagData : 0)));
        writer.Name(Encoding.UTF8.GetBytes(Alias));
        if (Name is not null)
            writer.Name(Encoding.UTF8.GetBytes(Name));
        Map.Write(writer);
        return writer.Written.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> gave.</summary>
    /// <exception cref="RewriteException">It is something else.</exception>
    public static GuardedCode FromBytes(ReadOnlySpan<byte> bytes)
    {
        var reader = new WasmReader(bytes, 0, bytes.Length);
        var flags = reader.Byte();
        var alias = Encoding.UTF8.GetString(reader.Take(reader.U32()));
        var name = (flags & FlagName) != 0 ? Encoding.UTF8.GetString(reader.Take(reader.U32())) : null;
        return new GuardedCode(alias, name, (flags & FlagStart) != 0, (flags & FlagData) != 0, CodeMap.Read(ref reader, bytes.Length));
    }
}
