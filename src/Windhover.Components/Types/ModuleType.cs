using System.Collections.Immutable;
using Windhover.Engine;

namespace Windhover.Components.Types;

/// <summary>A core module: what it imports and exports.</summary>
public sealed class ModuleType(ImmutableArray<ModuleImport> imports, ImmutableArray<ModuleExport> exports) : ExternType
{
    public ImmutableArray<ModuleImport> Imports { get; } = imports;

    public ImmutableArray<ModuleExport> Exports { get; } = exports;

    /// <inheritdoc/>
    public override string Kind => "core module";

    /// <inheritdoc/>
    public override string ToString() => $"core module {{ {Imports.Length} imports, {Exports.Length} exports }}";

    /// <summary>
    /// Null when a module of type <paramref name="provided"/> can be used as <paramref name="expected"/>: it imports no more, each import is no
    /// narrower, and it exports no less.
    /// </summary>
    internal static string? Mismatch(ModuleType provided, ModuleType expected)
    {
        var given = expected.Imports.DistinctBy(i => (i.Module, i.Name)).ToDictionary(i => (i.Module, i.Name), i => i.Type);
        foreach (var import in provided.Imports)
        {
            if (!given.TryGetValue((import.Module, import.Name), out var type))
                return $"the core module also imports `{import.Module}` `{import.Name}`";
            if (!Fits(type, import.Type))
                return $"the core module imports `{import.Module}` `{import.Name}` as `{import.Type}`, but would be given `{type}`";
        }

        var found = provided.Exports.DistinctBy(e => e.Name).ToDictionary(e => e.Name, e => e.Type);
        foreach (var export in expected.Exports)
        {
            if (!found.TryGetValue(export.Name, out var type))
                return $"the core module does not export `{export.Name}`";
            if (!Fits(type, export.Type))
                return $"the core module exports `{export.Name}` as `{type}`, but `{export.Type}` is expected";
        }

        return null;
    }

    /// <summary>Core WebAssembly, "Matching": limits may be tighter than expected, everything else is the same.</summary>
    private static bool Fits(ItemType provided, ItemType expected) => (provided, expected) switch
    {
        (MemoryType p, MemoryType e) =>
            p.Is64 == e.Is64 && p.IsShared == e.IsShared && p.PageSizeLog2 == e.PageSizeLog2
            && p.MinimumPages >= e.MinimumPages && (e.MaximumPages is null || p.MaximumPages <= e.MaximumPages),
        _ => provided == expected,
    };
}
