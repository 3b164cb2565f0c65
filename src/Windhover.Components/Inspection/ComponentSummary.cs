using System.Runtime.CompilerServices;
using Windhover.Components.Binary;

namespace Windhover.Components.Inspection;

/// <summary>What a component is made of, read without validating or compiling anything: for tools and for people.</summary>
public sealed class ComponentSummary
{
    private ComponentSummary()
    {
    }

    /// <summary>What it needs, in binary order. Imports of types only are left out: they cost the host nothing.</summary>
    public required IReadOnlyList<SummaryItem> Imports { get; init; }

    /// <summary>What it offers, in binary order.</summary>
    public required IReadOnlyList<SummaryItem> Exports { get; init; }

    /// <summary>Bytes of each core module, nested components' too, in binary order.</summary>
    public required IReadOnlyList<int> CoreModuleSizes { get; init; }

    /// <summary>The tools that made the component and its core modules, each once.</summary>
    public required IReadOnlyList<Producer> Producers { get; init; }

    /// <summary>Reads a component.</summary>
    /// <exception cref="InvalidComponentException">It is malformed; the message names the offset.</exception>
    public static ComponentSummary Read(ReadOnlyMemory<byte> bytes)
    {
        var binary = ComponentDecoder.Decode(bytes);
        var modules = new List<ReadOnlyMemory<byte>>();
        var producers = new List<Producer>();
        Collect(binary, modules, producers);
        return new ComponentSummary
        {
            Imports = [.. binary.Imports.Where(i => i.Desc.Sort != Sort.Type).Select(i => new SummaryItem(i.Name.Raw, i.Desc.Sort.Display()))],
            Exports = [.. binary.Exports.Where(e => e.Sort != Sort.Type).Select(e => new SummaryItem(e.Name.Raw, e.Sort.Display()))],
            CoreModuleSizes = [.. modules.Select(m => m.Length)],
            Producers = [.. producers.Distinct()],
        };
    }

    private static void Collect(ComponentBinary binary, List<ReadOnlyMemory<byte>> modules, List<Producer> producers)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var section in binary.CustomSections.Where(s => s.Name == ProducersSection.Name))
            producers.AddRange(ProducersSection.Parse(section.Contents));
        foreach (var definition in binary.Definitions)
        {
            switch (definition)
            {
                case CoreModuleDef module:
                    modules.Add(module.Bytes);
                    producers.AddRange(ProducersSection.OfModule(module.Bytes));
                    break;
                case NestedComponentDef nested:
                    Collect(nested.Component, modules, producers);
                    break;
            }
        }
    }
}

/// <summary>An import or export: its name, and what it is in the words of the text format (instance, func, component …).</summary>
public sealed record SummaryItem(string Name, string Kind);

/// <summary>An entry of a <c>producers</c> section.</summary>
/// <param name="Field"><c>language</c>, <c>processed-by</c> or <c>sdk</c>.</param>
/// <param name="Name">Such as <c>C11</c> or <c>clang</c>.</param>
/// <param name="Version">May be empty.</param>
/// <remarks>WebAssembly tool conventions, ProducersSection.md.</remarks>
public sealed record Producer(string Field, string Name, string Version);
