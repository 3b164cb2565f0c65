using System.Text;

namespace Windhover.Engine;

/// <summary>Gives a module another name than its own in its <c>name</c> section, and keeps its own.</summary>
internal sealed class NameSection(string alias)
{
    private const byte ModuleName = 0;

    private bool _written;

    /// <summary>The name that the rewritten module has.</summary>
    public string Alias { get; } = alias;

    /// <summary>The name that it had, if any.</summary>
    public string? Original { get; private set; }

    /// <summary>What becomes of a custom section.</summary>
    /// <param name="content">The section: its name and its bytes.</param>
    /// <param name="replacement">What to write in its place.</param>
    /// <returns>False for a section that would be wrong: it holds offsets of the code as it was.</returns>
    public bool Keeps(ReadOnlySpan<byte> content, out ReadOnlySpan<byte> replacement)
    {
        replacement = content;
        var reader = new WasmReader(content, 0, content.Length);
        var name = reader.Take(reader.U32());
        if (name.StartsWith(".debug_"u8) || name.StartsWith("metadata.code."u8) || name.SequenceEqual("sourceMappingURL"u8))
            return false;
        if (name.SequenceEqual("name"u8))
            replacement = Rename(content[reader.Position..]);
        return true;
    }

    /// <summary>Writes the section if the module had none.</summary>
    public void Finish(WasmWriter writer)
    {
        if (!_written)
            writer.Section(0, Rename([]));
    }

    // A name section may be malformed, which makes a module no less valid: what follows the fault is copied as it is.
    private ReadOnlySpan<byte> Rename(ReadOnlySpan<byte> parts)
    {
        var writer = new WasmWriter(parts.Length + 128);
        writer.Name("name"u8);
        if (!_written)
        {
            var alias = Encoding.UTF8.GetBytes(Alias);
            writer.Byte(ModuleName);
            writer.U32((uint)(WasmWriter.SizeOf((uint)alias.Length) + alias.Length));
            writer.Name(alias);
            _written = true;
        }
        var reader = new WasmReader(parts, 0, parts.Length);
        var copied = 0;
        try
        {
            while (!reader.AtEnd)
            {
                var start = reader.Position;
                var id = reader.Byte();
                var part = reader.Take(reader.U32());
                if (id != ModuleName)
                    continue;
                writer.Bytes(parts[copied..start]);
                copied = reader.Position;
                var name = new WasmReader(part, 0, part.Length);
                Original ??= Encoding.UTF8.GetString(name.Take(name.U32()));
            }
        }
        catch (RewriteException)
        {
            // Copied below.
        }
        writer.Bytes(parts[copied..]);
        return writer.Written.ToArray();
    }
}
