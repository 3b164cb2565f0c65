namespace Windhover.Engine;

/// <summary>
/// What the instances of one store may use together. Null means: no limit but the engine's. A guest that asks for more gets −1 from
/// <c>memory.grow</c> or <c>table.grow</c>; a module that needs more at its start does not instantiate.
/// </summary>
public sealed record StoreLimits
{
    /// <summary>Bytes of each linear memory.</summary>
    public long? MaxMemoryBytes { get; init; }

    /// <summary>Elements of each table.</summary>
    public long? MaxTableElements { get; init; }

    /// <summary>Instances.</summary>
    public int? MaxInstances { get; init; }

    /// <summary>Tables, of all instances together.</summary>
    public int? MaxTables { get; init; }

    /// <summary>Linear memories, of all instances together.</summary>
    public int? MaxMemories { get; init; }

    // Natively, a negative limit is none.
    internal void Validate()
    {
        Check(MaxMemoryBytes, nameof(MaxMemoryBytes));
        Check(MaxTableElements, nameof(MaxTableElements));
        Check(MaxInstances, nameof(MaxInstances));
        Check(MaxTables, nameof(MaxTables));
        Check(MaxMemories, nameof(MaxMemories));

        static void Check(long? value, string name)
        {
            if (value is { } limit)
                ArgumentOutOfRangeException.ThrowIfNegative(limit, name);
        }
    }
}
