namespace Windhover.Engine;

// How the bytes that one instance may have become limits of the engine, which knows one number for all memories of a store and one for all tables.
//
//   bytes ─┬─ the floor: every memory can have what the largest has at its start, since the one number must allow that; tables likewise
//          └─ the rest ─┬─ 1/16 at most: growth of tables, 8 bytes an element
//                       └─ growth of memories: the highest limit L with  Σ min(maximumᵢ, L) ≤ bytes
//
// A table that cannot grow (nearly all) takes nothing of the rest, and one memory (nearly all) then gets every byte.

/// <summary>What one instance of a component may have, prepared once. Immutable.</summary>
public sealed class MemoryPlan
{
    private readonly MemoryNeeds _needs;
    private readonly long _maxTableElements;
    private readonly long _leastMemory;
    private readonly long _leastTable;

    /// <summary>Divides a budget.</summary>
    /// <param name="needs">What the component defines.</param>
    /// <param name="bytes">What one instance may have: <see cref="Budget.MemoryPerInstance"/>.</param>
    /// <param name="options">The engine, whose own limits hold too.</param>
    /// <exception cref="ResourceLimitException">The component needs more at its start.</exception>
    public MemoryPlan(MemoryNeeds needs, long bytes, EngineOptions options)
    {
        ArgumentNullException.ThrowIfNull(needs);
        ArgumentNullException.ThrowIfNull(options);
        _needs = needs;
        _leastMemory = needs.Memories.Count == 0 ? 0 : needs.Memories.Max(m => m.Minimum);
        _leastTable = needs.Tables.Count == 0 ? 0 : needs.Tables.Max(t => t.Minimum);
        _maxTableElements = Math.Max(_leastTable, options.MaxTableElements);
        Minimum = Sum(needs.Memories, _leastMemory) + (Sum(needs.Tables, _leastTable) * MemoryNeeds.ElementBytes);
        if (Minimum > bytes)
        {
            var entry = Budget.Entry(BudgetKind.MemoryPerInstance);
            throw new ResourceLimitException(
                $"an instance takes {entry.Format(Minimum)} of memory at its start, and the budget `{entry.Key}` is {entry.Format(bytes)}");
        }

        Full = Divide(bytes);
    }

    /// <summary>Bytes without which no instance can start.</summary>
    public long Minimum { get; }

    /// <summary>The limits with nothing taken away.</summary>
    internal MemoryShare Full { get; }

    /// <summary>Whether the size of one memory tells what the instance holds.</summary>
    internal bool HasOneMemory => _needs.Memories.Count <= 1;

    /// <summary>The limits when there are only so many bytes, at least <see cref="Minimum"/>.</summary>
    internal MemoryShare Divide(long bytes)
    {
        var elements = _leastTable;
        if (_needs.Tables.Count > 0)
            elements = Math.Clamp(_leastTable + ((bytes - Minimum) / 16 / MemoryNeeds.ElementBytes / _needs.Tables.Count), _leastTable, _maxTableElements);
        var tables = Sum(_needs.Tables, elements) * MemoryNeeds.ElementBytes;
        var each = bytes == Budget.Unlimited ? bytes : EachMemory(bytes - tables);
        return new MemoryShare(Sum(_needs.Memories, each) + tables, tables, each, elements);
    }

    private long EachMemory(long bytes)
    {
        if (_needs.Memories.Count <= 1)
            return bytes;
        var (low, high) = (_leastMemory, bytes);
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            if (Sum(_needs.Memories, middle) <= bytes)
                low = middle;
            else
                high = middle - 1;
        }

        return low;
    }

    // Maxima are at most 2^48 each, and a binary holds fewer than 2^31 of them, of which the engine accepts 100: no overflow.
    private static long Sum(List<(long Minimum, long Maximum)> parts, long each)
    {
        long sum = 0;
        foreach (var (_, maximum) in parts)
            sum += Math.Min(maximum, each);
        return sum;
    }
}

/// <summary>What one store may have.</summary>
/// <param name="Bytes">All that it can come to.</param>
/// <param name="TableBytes">The tables' part of it.</param>
/// <param name="EachMemory">The limit of each memory in bytes.</param>
/// <param name="EachTable">The limit of each table in elements.</param>
internal readonly record struct MemoryShare(long Bytes, long TableBytes, long EachMemory, long EachTable);
