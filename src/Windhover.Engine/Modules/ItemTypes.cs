using System.Collections.Immutable;

namespace Windhover.Engine;

/// <summary>The type of something that a module imports or exports.</summary>
public abstract record ItemType
{
    private protected ItemType()
    {
    }

    /// <summary>What it is.</summary>
    public abstract ExternKind Kind { get; }
}

/// <summary>The type of a function. Two of them are equal when parameters and results are.</summary>
public sealed record FunctionType : ItemType
{
    /// <summary>Makes a type from its parameters and results.</summary>
    public FunctionType(ImmutableArray<ValueKind> parameters, ImmutableArray<ValueKind> results)
    {
        Parameters = parameters.IsDefault ? [] : parameters;
        Results = results.IsDefault ? [] : results;
    }

    /// <summary>The kinds of the parameters, in order.</summary>
    public ImmutableArray<ValueKind> Parameters { get; }

    /// <summary>The kinds of the results, in order.</summary>
    public ImmutableArray<ValueKind> Results { get; }

    /// <summary>Slots that a call needs: arguments go in, results come out of the same ones.</summary>
    public int SlotCount => Math.Max(Parameters.Length, Results.Length);

    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Function;

    /// <inheritdoc/>
    public bool Equals(FunctionType? other) =>
        other is not null && Parameters.AsSpan().SequenceEqual(other.Parameters.AsSpan()) && Results.AsSpan().SequenceEqual(other.Results.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var kind in Parameters)
            hash.Add(kind);
        hash.Add(-1);
        foreach (var kind in Results)
            hash.Add(kind);
        return hash.ToHashCode();
    }

    /// <summary>The type in words, such as <c>(i32, i64) -> (f32)</c>.</summary>
    public override string ToString() =>
        $"({string.Join(", ", Parameters)}) -> ({string.Join(", ", Results)})".ToLowerInvariant();
}

/// <summary>The type of a linear memory.</summary>
/// <param name="MinimumPages">Size at the start, in pages of 2^<paramref name="PageSizeLog2"/> bytes.</param>
/// <param name="MaximumPages">Declared upper bound in pages, or null.</param>
/// <param name="Is64">Whether addresses are 64 bits wide.</param>
/// <param name="IsShared">Whether it is a shared memory of the threads proposal.</param>
/// <param name="PageSizeLog2">16, except with the custom-page-sizes proposal.</param>
public sealed record MemoryType(ulong MinimumPages, ulong? MaximumPages, bool Is64 = false, bool IsShared = false, byte PageSizeLog2 = 16) : ItemType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Memory;
}

/// <summary>The type of a table.</summary>
/// <param name="Element">Kind of its elements.</param>
public sealed record TableType(ValueKind Element) : ItemType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Table;
}

/// <summary>The type of a global.</summary>
/// <param name="Content">Kind of its value.</param>
/// <param name="IsMutable">Whether it may be set.</param>
public sealed record GlobalType(ValueKind Content, bool IsMutable) : ItemType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Global;
}

/// <summary>The type of an exception tag.</summary>
/// <param name="Signature">Its payload as the parameters of a function.</param>
public sealed record TagType(FunctionType Signature) : ItemType
{
    /// <inheritdoc/>
    public override ExternKind Kind => ExternKind.Tag;
}

/// <summary>One import of a module.</summary>
/// <param name="Module">First of its two names.</param>
/// <param name="Name">Second of its two names.</param>
/// <param name="Type">What it must be given.</param>
public sealed record ModuleImport(string Module, string Name, ItemType Type);

/// <summary>One export of a module.</summary>
/// <param name="Name">Its name, unique in the module.</param>
/// <param name="Type">What it is.</param>
public sealed record ModuleExport(string Name, ItemType Type);
