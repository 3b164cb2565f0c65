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

    /// <summary>What a guest cost outside of any run: an instance that is shared goes on after its requests.</summary>
    /// <param name="cpu">Processor time.</param>
    /// <param name="bytesOut">Bytes that it sent.</param>
    internal void AddUse(TimeSpan cpu, long bytesOut)
    {
        for (var meter = this; meter is not null; meter = meter.Parent)
        {
            Interlocked.Add(ref meter._metered.CpuTicks, cpu.Ticks);
            Interlocked.Add(ref meter._metered.BytesOut, bytesOut);
        }
    }

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
