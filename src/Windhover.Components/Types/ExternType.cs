using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Windhover.Components.Types;

/// <summary>The type of something that a component or instance imports or exports: Binary.md, <c>externtype</c>.</summary>
public abstract class ExternType
{
    private protected ExternType()
    {
    }

    /// <summary>What it is, as the text format says it: func, instance, component, core module, type, value.</summary>
    public abstract string Kind { get; }
}

/// <summary>An instance: named exports.</summary>
public sealed class InstanceType(ExternMap exports) : ExternType
{
    public ExternMap Exports { get; } = exports;

    /// <inheritdoc/>
    public override string Kind => "instance";

    /// <inheritdoc/>
    public override string ToString() => $"instance {{ {string.Join(", ", Exports.Select(e => e.Key))} }}";
}

/// <summary>A component: what it needs, and what an instance of it then exports.</summary>
public sealed class ComponentType(ExternMap imports, ExternMap exports) : ExternType
{
    public ExternMap Imports { get; } = imports;

    public ExternMap Exports { get; } = exports;

    /// <inheritdoc/>
    public override string Kind => "component";

    /// <inheritdoc/>
    public override string ToString() => $"component {{ {Imports.Count} imports, {Exports.Count} exports }}";
}

/// <summary>An imported or exported value type, such as a record definition that an interface shares.</summary>
public sealed class ValTypeExtern(ValType type) : ExternType
{
    public ValType Type { get; } = type;

    /// <inheritdoc/>
    public override string Kind => "type";

    /// <inheritdoc/>
    public override string ToString() => $"type {Type}";
}

/// <summary>An imported or exported resource type.</summary>
/// <param name="resource">The resource.</param>
/// <param name="isFresh">
/// True for <c>(sub resource)</c>: any resource will do, and what is given stands for <paramref name="resource"/> from here on. False when it
/// must be exactly that one.
/// </param>
public sealed class ResourceExtern(ResourceType resource, bool isFresh) : ExternType
{
    public ResourceType Resource { get; } = resource;

    public bool IsFresh { get; } = isFresh;

    /// <inheritdoc/>
    public override string Kind => "type";

    /// <inheritdoc/>
    public override string ToString() => Resource.ToString();
}

/// <summary>An imported or exported name for a function, instance or component type (not for a thing of that type).</summary>
public sealed class TypeAliasExtern(ExternType type) : ExternType
{
    public ExternType Type { get; } = type;

    /// <inheritdoc/>
    public override string Kind => "type";

    /// <inheritdoc/>
    public override string ToString() => $"type {Type}";
}

/// <summary>Named extern types in the order of the binary. Immutable.</summary>
public sealed class ExternMap : IReadOnlyCollection<KeyValuePair<string, ExternType>>
{
    private readonly OrderedDictionary<string, ExternType> _entries = new(StringComparer.Ordinal);

    /// <summary>Makes a map.</summary>
    /// <exception cref="ArgumentException">Two entries have one name.</exception>
    public ExternMap(IEnumerable<KeyValuePair<string, ExternType>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        foreach (var (name, type) in entries)
            _entries.Add(name, type);
    }

    /// <summary>No entries.</summary>
    public static ExternMap Empty { get; } = new([]);

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>The type of that name.</summary>
    public bool TryGetValue(string name, [NotNullWhen(true)] out ExternType? type) => _entries.TryGetValue(name, out type);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, ExternType>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
