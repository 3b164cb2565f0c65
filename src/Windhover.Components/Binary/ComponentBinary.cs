namespace Windhover.Components.Binary;

/// <summary>
/// A decoded component, nothing resolved. Core modules and custom sections are slices of the bytes it was decoded from, which must
/// not change while it lives. Decoding checks the form only; what the indices mean and whether types fit is the validator's and linker's.
/// </summary>
internal sealed class ComponentBinary
{
    /// <summary>The entries of all sections in binary order.</summary>
    public required IReadOnlyList<Definition> Definitions { get; init; }

    /// <summary>In binary order; names may repeat.</summary>
    public required IReadOnlyList<CustomSection> CustomSections { get; init; }

    /// <summary>The bytes of this component, preamble included.</summary>
    public required ReadOnlyMemory<byte> Bytes { get; init; }

    /// <summary>Where <see cref="Bytes"/> starts in the outermost binary.</summary>
    public required int Offset { get; init; }

    public IEnumerable<ImportDef> Imports => Definitions.OfType<ImportDef>();

    public IEnumerable<ExportDef> Exports => Definitions.OfType<ExportDef>();

    /// <summary>Decodes a component.</summary>
    /// <exception cref="InvalidComponentException">It is not a well-formed component.</exception>
    public static ComponentBinary Decode(ReadOnlyMemory<byte> bytes) => ComponentDecoder.Decode(bytes);

    /// <summary>The first custom section of that name.</summary>
    public bool TryGetCustomSection(string name, out ReadOnlyMemory<byte> contents)
    {
        foreach (var section in CustomSections)
        {
            if (section.Name == name)
            {
                contents = section.Contents;
                return true;
            }
        }

        contents = default;
        return false;
    }
}

internal readonly record struct CustomSection(string Name, ReadOnlyMemory<byte> Contents);
