using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Components.Binary;
using Windhover.Components.Inspection;
using Windhover.Engine;

namespace Windhover.Cli.Capabilities;

/// <summary>What <c>windhover inspect</c> found out about a file.</summary>
internal sealed record GuestReport
{
    public required GuestFile File { get; init; }

    public required IReadOnlyList<int> CoreModuleSizes { get; init; }

    public required IReadOnlyList<Producer> Producers { get; init; }

    public required IReadOnlyList<ImportReport> Imports { get; init; }

    public required IReadOnlyList<ExportReport> Exports { get; init; }

    /// <summary>The WIT of a component's world and its interfaces; null for a core module.</summary>
    public ComponentWit? Wit { get; init; }

    /// <summary>The options that its imports call for, each once.</summary>
    public IEnumerable<Capability> Grants => Imports.Select(i => i.Capability).OfType<Capability>().Where(c => c.Grant is not null).DistinctBy(c => c.Grant);

    /// <exception cref="CliException">The file is not valid.</exception>
    public static GuestReport Of(GuestFile file) => file.Kind == WasmKind.Component ? OfComponent(file) : OfModule(file);

    private static GuestReport OfComponent(GuestFile file)
    {
        var (summary, wit) = Read(file);
        return new GuestReport
        {
            File = file,
            CoreModuleSizes = summary.CoreModuleSizes,
            Producers = summary.Producers,
            Imports = [.. summary.Imports.Select(i => new ImportReport(i.Name, i.Kind, Capability.OfInterface(i.Name)))],
            Wit = wit,
            Exports = [.. summary.Exports.Select(e => new ExportReport(e.Name, e.Kind, Capability.OfExport(e.Name, file.Path)))],
        };
    }

    private static (ComponentSummary Summary, ComponentWit Wit) Read(GuestFile file)
    {
        try
        {
            return (ComponentSummary.Read(file.Bytes), ComponentWit.Read(file.Bytes));
        }
        catch (InvalidComponentException e)
        {
            throw ErrorReport.Invalid(file.Path, e);
        }
    }

    private static GuestReport OfModule(GuestFile file)
    {
        using var engine = new WasmEngine(Limits.EngineOptionsFor(interruptible: false));
        using var module = CoreHost.Compile(engine, file, CacheOption.Open(null));
        return new GuestReport
        {
            File = file,
            CoreModuleSizes = [file.Bytes.Length],
            Producers = ProducersSection.OfModule(file.Bytes),
            Imports = [.. module.Imports.Select(i => new ImportReport(
                $"{i.Module} {i.Name}", Describe(i.Type), i.Module == CoreHost.Wasi ? Capability.OfPreview1(i.Name) : null, i.Module))],
            Exports = [.. module.Exports.Select(e => new ExportReport(
                e.Name, Describe(e.Type), e.Name == "_start" ? $"a command: windhover run {file.Path}" : null))],
        };
    }

    private static string Describe(ItemType type) => type switch
    {
        FunctionType function => $"func {function}",
        MemoryType memory => $"memory of {memory.MinimumPages} to {memory.MaximumPages?.ToString() ?? "any number of"} pages",
        _ => type.Kind.ToString().ToLowerInvariant(),
    };
}

/// <summary>An import.</summary>
/// <param name="Name">Its name; of a core module's both, with a blank between.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Capability">Null when the command line provides nothing of that name.</param>
/// <param name="Module">The first name of a core module's import; null for a component.</param>
internal sealed record ImportReport(string Name, string Kind, Capability? Capability, string? Module = null);

/// <summary>An export, and how it is used when not by <c>call</c>.</summary>
internal sealed record ExportReport(string Name, string Kind, string? Use);
