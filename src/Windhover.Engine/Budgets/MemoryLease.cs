namespace Windhover.Engine;

// The total of an app's memory holds exactly, although the engine has no hook that is asked when a memory grows: a store's limit is fixed while its guest
// runs. So what a store could grow to is charged before the guest runs, and the limit is what was charged:
//
//   start     charge the instance's full share; when there is less, what is left; when that is too little to start: refused
//   wait      a guest that waits cannot grow: only what it holds stays charged, the rest goes back
//   go on     charge the full share again, or what is left; the store's limit becomes what was charged
//   end       all of it goes back
//
//   Σ charged ≤ total at every moment, and Σ sizes ≤ Σ charged.
//
// Only guests that run at the moment (as many as there are threads) have room for growth set aside; a thousand that wait have what they hold.

/// <summary>The right of one store to memory and a place among the live instances of an app. Given back with <see cref="Dispose"/>, by the store that got it.</summary>
public sealed class MemoryLease : IDisposable
{
    private readonly MemoryPlan _plan;
    private MemoryShare _share;
    private long _charged;
    private bool _parked;
    private bool _disposed;

    private MemoryLease(BudgetMeter meter, MemoryPlan plan, MemoryShare share, long charged)
    {
        Meter = meter;
        _plan = plan;
        _share = share;
        _charged = charged;
    }

    /// <summary>Who pays.</summary>
    public BudgetMeter Meter { get; }

    internal long EachMemory => _share.EachMemory;

    internal long EachTable => _share.EachTable;

    /// <summary>Bytes charged now.</summary>
    internal long Charged => _charged;

    /// <summary>Takes a place and memory for one instance.</summary>
    /// <exception cref="BudgetExceededException">There is no place, or less memory left than an instance needs at its start.</exception>
    public static MemoryLease Take(BudgetMeter meter, MemoryPlan plan)
    {
        ArgumentNullException.ThrowIfNull(meter);
        ArgumentNullException.ThrowIfNull(plan);
        meter.Charge(BudgetKind.Instances, 1);
        try
        {
            var (share, charged) = Charge(meter, plan, plan.Minimum);
            return new MemoryLease(meter, plan, share, charged);
        }
        catch
        {
            meter.Release(BudgetKind.Instances, 1);
            throw;
        }
    }

    /// <summary>The guest waits, and the size of its memory is known: the room for growth goes back.</summary>
    internal void Park(long memoryBytes)
    {
        if (_parked || _disposed || !_plan.HasOneMemory)
            return;
        var held = Math.Min(_charged, memoryBytes + _share.TableBytes);
        Meter.Release(BudgetKind.Memory, _charged - held);
        _charged = held;
        _parked = true;
    }

    /// <summary>The guest goes on.</summary>
    /// <returns>Whether the limits are others than before.</returns>
    internal bool Resume()
    {
        if (!_parked || _disposed)
            return false;
        _parked = false;
        var wanted = _plan.Full.Bytes - _charged;
        if (wanted > 0)
            _charged += Meter.ChargeUpTo(BudgetKind.Memory, wanted);
        var before = _share;
        // The tables' part stays: they may have grown into it.
        _share = _charged == _plan.Full.Bytes ? _plan.Full : _share with { Bytes = _charged, EachMemory = _charged - _share.TableBytes };
        return _share.EachMemory != before.EachMemory || _share.EachTable != before.EachTable;
    }

    /// <summary>Gives all back.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        Meter.Release(BudgetKind.Memory, _charged);
        Meter.Release(BudgetKind.Instances, 1);
    }

    private static (MemoryShare Share, long Charged) Charge(BudgetMeter meter, MemoryPlan plan, long least)
    {
        var full = plan.Full;
        if (full.Bytes == 0)
            return (full, 0);
        var charged = meter.ChargeUpTo(BudgetKind.Memory, full.Bytes, Math.Max(1, least));
        if (charged == full.Bytes)
            return (full, charged);
        if (charged == 0)
            throw meter.Exceeded(BudgetKind.Memory);
        var share = plan.Divide(charged);
        meter.Release(BudgetKind.Memory, charged - share.Bytes);
        return (share, share.Bytes);
    }
}
