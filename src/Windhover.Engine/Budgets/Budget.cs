using System.Collections.Immutable;

namespace Windhover.Engine;

/// <summary>
/// How much an app may use of everything, or a tenant's apps together (<see cref="None"/> with a few totals). Immutable. Made from
/// <see cref="Default"/> by <c>with</c>, <see cref="With(string, string)"/> or <see cref="Parse"/>; what holds it is a <see cref="BudgetMeter"/>.
/// </summary>
/// <remarks>A number out of its range (<see cref="Entries"/>) is refused by every way of setting it.</remarks>
public sealed partial record Budget
{
    /// <summary>As a number: no limit of this kind. Written <c>unlimited</c>; as a time, <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
    public const long Unlimited = long.MaxValue;

    private readonly long[] _values;

    private Budget(long[] values) => _values = values;

    private Budget(Budget original) => _values = (long[])original._values.Clone();

    /// <summary>All budgets in the order of <see cref="BudgetKind"/>: names, units, defaults, ranges, and what happens at the limit.</summary>
    public static ImmutableArray<BudgetEntry> Entries => BudgetTable.Entries;

    /// <summary>What an app has that says nothing else.</summary>
    public static Budget Default { get; } = new([.. BudgetTable.Entries.Select(e => e.Default)]);

    /// <summary>No limit of any kind: for a program that a person runs, and to start a tenant's totals from.</summary>
    public static Budget None { get; } = new([.. BudgetTable.Entries.Select(_ => Unlimited)]);

    /// <summary>Bytes of the linear memories and tables of all instances.</summary>
    public long Memory { get => Get(BudgetKind.Memory); init => Set(BudgetKind.Memory, value); }

    /// <summary>Bytes of the linear memories and tables of one instance.</summary>
    public long MemoryPerInstance { get => Get(BudgetKind.MemoryPerInstance); init => Set(BudgetKind.MemoryPerInstance, value); }

    /// <summary>Bytes that the host holds for guests.</summary>
    public long HostMemory { get => Get(BudgetKind.HostMemory); init => Set(BudgetKind.HostMemory, value); }

    /// <summary>Processor time of one run.</summary>
    public TimeSpan Cpu { get => GetTime(BudgetKind.Cpu); init => SetTime(BudgetKind.Cpu, value); }

    /// <summary>Wall time of one run.</summary>
    public TimeSpan Wall { get => GetTime(BudgetKind.Wall); init => SetTime(BudgetKind.Wall, value); }

    /// <summary>Instances alive.</summary>
    public long Instances { get => Get(BudgetKind.Instances); init => Set(BudgetKind.Instances, value); }

    /// <summary>Requests answered at a time.</summary>
    public long Requests { get => Get(BudgetKind.Requests); init => Set(BudgetKind.Requests, value); }

    /// <summary>Requests that wait.</summary>
    public long QueuedRequests { get => Get(BudgetKind.QueuedRequests); init => Set(BudgetKind.QueuedRequests, value); }

    /// <summary>Handles in the tables of guests.</summary>
    public long Handles { get => Get(BudgetKind.Handles); init => Set(BudgetKind.Handles, value); }

    /// <summary>Open files, directories and listings.</summary>
    public long Files { get => Get(BudgetKind.Files); init => Set(BudgetKind.Files, value); }

    /// <summary>Outgoing HTTP requests under way.</summary>
    public long OutboundRequests { get => Get(BudgetKind.OutboundRequests); init => Set(BudgetKind.OutboundRequests, value); }

    /// <summary>Open sockets.</summary>
    public long Connections { get => Get(BudgetKind.Connections); init => Set(BudgetKind.Connections, value); }

    /// <summary>Bytes of one set of HTTP fields.</summary>
    public long Headers { get => Get(BudgetKind.Headers); init => Set(BudgetKind.Headers, value); }

    /// <summary>Bytes in the body of one request.</summary>
    public long RequestBody { get => Get(BudgetKind.RequestBody); init => Set(BudgetKind.RequestBody, value); }

    /// <summary>Bytes in the body of one answer.</summary>
    public long ResponseBody { get => Get(BudgetKind.ResponseBody); init => Set(BudgetKind.ResponseBody, value); }

    /// <summary>Bytes of one run's standard output and error.</summary>
    public long Output { get => Get(BudgetKind.Output); init => Set(BudgetKind.Output, value); }

    /// <summary>Bytes that one run logs.</summary>
    public long Log { get => Get(BudgetKind.Log); init => Set(BudgetKind.Log, value); }

    /// <summary>Lines logged in a second.</summary>
    public long LogLines { get => Get(BudgetKind.LogLines); init => Set(BudgetKind.LogLines, value); }

    /// <summary>Bytes of a component's file.</summary>
    public long ComponentSize { get => Get(BudgetKind.ComponentSize); init => Set(BudgetKind.ComponentSize, value); }

    /// <summary>Wall time of compiling a component.</summary>
    public TimeSpan CompileTime { get => GetTime(BudgetKind.CompileTime); init => SetTime(BudgetKind.CompileTime, value); }

    /// <summary>Bytes that compiling a component takes.</summary>
    public long CompileMemory { get => Get(BudgetKind.CompileMemory); init => Set(BudgetKind.CompileMemory, value); }

    /// <summary>The number of one kind: bytes, ticks of 100 ns, or a count; <see cref="Unlimited"/> for none.</summary>
    public long this[BudgetKind kind] => Get(kind);

    /// <summary>What is known about one kind.</summary>
    public static BudgetEntry Entry(BudgetKind kind) => BudgetTable.Entries[(int)kind];

    /// <summary>This budget with another number of one kind.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Out of the range of <see cref="Entries"/>.</exception>
    public Budget With(BudgetKind kind, long value)
    {
        var changed = new Budget(this);
        changed.Set(kind, value);
        return changed;
    }

    /// <summary>The same numbers.</summary>
    public bool Equals(Budget? other) => other is not null && _values.AsSpan().SequenceEqual(other._values);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var value in _values)
            hash.Add(value);
        return hash.ToHashCode();
    }

    private long Get(BudgetKind kind) => _values[(int)kind];

    private TimeSpan GetTime(BudgetKind kind) => Get(kind) is var ticks && ticks == Unlimited ? Timeout.InfiniteTimeSpan : new TimeSpan(ticks);

    private void Set(BudgetKind kind, long value)
    {
        var entry = Entry(kind);
        if (!entry.Allows(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, $"budget `{entry.Key}` is out of range; allowed: {entry.Range}");
        _values[(int)kind] = value;
    }

    private void SetTime(BudgetKind kind, TimeSpan value) => Set(kind, value == Timeout.InfiniteTimeSpan ? Unlimited : value.Ticks);
}
