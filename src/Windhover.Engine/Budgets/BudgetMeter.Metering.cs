namespace Windhover.Engine;

public sealed partial class BudgetMeter
{
    private Metered _metered;

    /// <summary>A run has ended: what it cost goes to the app's account, and its tenant's.</summary>
    /// <param name="cpu">Processor time.</param>
    /// <param name="wall">Wall time, the queue included.</param>
    /// <param name="memoryBytes">Linear memory at its end; it never shrinks, so this is its peak.</param>
    /// <param name="bytesOut">Bytes that it sent.</param>
    /// <param name="bytesIn">Bytes that it was sent.</param>
    public void EndRun(TimeSpan cpu, TimeSpan wall, long memoryBytes, long bytesOut, long bytesIn)
    {
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            Interlocked.Increment(ref meter._metered.Runs);
            Interlocked.Add(ref meter._metered.CpuTicks, cpu.Ticks);
            Interlocked.Add(ref meter._metered.BytesOut, bytesOut);
            Interlocked.Add(ref meter._metered.BytesIn, bytesIn);
            Interlocked.Add(ref meter._metered.MemoryTime, (long)(memoryBytes / 1024d * wall.TotalMilliseconds));
        }
    }

    /// <summary>Adds what runs in another process have cost, here and above.</summary>
    internal void Add(long runs, TimeSpan cpu, long memoryTime, long bytesOut, long bytesIn)
    {
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            Interlocked.Add(ref meter._metered.Runs, runs);
            Interlocked.Add(ref meter._metered.CpuTicks, cpu.Ticks);
            Interlocked.Add(ref meter._metered.BytesOut, bytesOut);
            Interlocked.Add(ref meter._metered.BytesIn, bytesIn);
            Interlocked.Add(ref meter._metered.MemoryTime, memoryTime);
        }
    }

    /// <summary>Takes over what an app in another process holds and has held. Not of its tenant: that has leased it.</summary>
    /// <param name="uses">Of each budget, in the order of <see cref="BudgetKind"/>; a process that has ended holds nothing: empty.</param>
    /// <param name="before">What the same process said before.</param>
    internal void Mirror(ReadOnlySpan<BudgetUse> uses, ReadOnlySpan<BudgetUse> before)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            var use = i < uses.Length ? uses[i] : default;
            Volatile.Write(ref _slots[i].Used, use.Used);
            if (i >= uses.Length)
                continue;
            Volatile.Write(ref _slots[i].Peak, Math.Max(_slots[i].Peak, use.Peak));
            Interlocked.Add(ref _slots[i].Sum, use.Sum - (i < before.Length ? before[i].Sum : 0));
            Interlocked.Add(ref _slots[i].Rejected, use.Rejected - (i < before.Length ? before[i].Rejected : 0));
        }
    }

    /// <summary>What runs have cost so far, in the units of <see cref="Add"/>.</summary>
    internal (long Runs, TimeSpan Cpu, long MemoryTime, long BytesOut, long BytesIn) Costs() => (
        Volatile.Read(ref _metered.Runs),
        new TimeSpan(Volatile.Read(ref _metered.CpuTicks)),
        Volatile.Read(ref _metered.MemoryTime),
        Volatile.Read(ref _metered.BytesOut),
        Volatile.Read(ref _metered.BytesIn));

    /// <summary>All numbers of this meter at the moment.</summary>
    public BudgetSnapshot Snapshot() => new(
        Name,
        Parent?.Name,
        Volatile.Read(ref _metered.Runs),
        new TimeSpan(Volatile.Read(ref _metered.CpuTicks)),
        Volatile.Read(ref _metered.MemoryTime) * 1024d / 1000d,
        Volatile.Read(ref _metered.BytesOut),
        Volatile.Read(ref _metered.BytesIn),
        [.. BudgetTable.Entries.Select(e => new BudgetUse(e.Kind, Budget[e.Kind], Used(e.Kind), Peak(e.Kind), Sum(e.Kind), Rejected(e.Kind)))]);

    private struct Metered
    {
        public long Runs;
        public long CpuTicks;
        public long BytesOut;
        public long BytesIn;
        public long MemoryTime; // KiB × ms: in bytes and ticks, a year of 1 GiB would not fit
    }
}

/// <summary>What an app or tenant uses, and has used since it was loaded.</summary>
/// <param name="Name">The app or tenant.</param>
/// <param name="Tenant">The app's tenant.</param>
/// <param name="Runs">Runs that have ended: requests, calls.</param>
/// <param name="Cpu">Their processor time.</param>
/// <param name="MemoryByteSeconds">Their linear memory times wall time.</param>
/// <param name="BytesOut">Bytes that they sent.</param>
/// <param name="BytesIn">Bytes that they were sent, as far as announced.</param>
/// <param name="Budgets">Each budget, in the order of <see cref="BudgetKind"/>.</param>
public sealed record BudgetSnapshot(
    string Name, string? Tenant, long Runs, TimeSpan Cpu, double MemoryByteSeconds, long BytesOut, long BytesIn, IReadOnlyList<BudgetUse> Budgets);

/// <summary>One budget of a snapshot. Numbers are bytes, ticks of 100 ns, or counts.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Limit">Its limit; <see cref="Budget.Unlimited"/> for none.</param>
/// <param name="Used">Held now; of totals only.</param>
/// <param name="Peak">The most held at a time.</param>
/// <param name="Sum">All ever charged.</param>
/// <param name="Rejected">How often it refused or stopped something.</param>
public readonly record struct BudgetUse(BudgetKind Kind, long Limit, long Used, long Peak, long Sum, long Rejected);
