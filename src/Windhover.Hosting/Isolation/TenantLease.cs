using Windhover.Components.Workers;
using Windhover.Engine;

namespace Windhover.Hosting.Isolation;

/// <summary>What one life of a worker holds of its tenant's totals (<see cref="TenantLender"/> has the picture). Used by who reads the worker's lines; ended once.</summary>
internal sealed class TenantLease : IDisposable
{
    private readonly BudgetMeter _tenant;
    private readonly Action<long, long> _tell;
    private readonly long[] _held = new long[Budget.Entries.Length];
    private int _isWaiting; // was refused a request: wants to know when one ends

    public TenantLease(BudgetMeter tenant, Action<long, long> tell)
    {
        _tenant = tenant;
        _tell = tell;
        for (BudgetMeter? meter = tenant; meter is not null; meter = meter.Parent)
            meter.RequestEnded += RequestEnded;
    }

    /// <summary>All totals above one app as one: of each kind the least.</summary>
    public static Budget Totals(BudgetMeter tenant)
    {
        Budget totals = Budget.None;
        foreach (BudgetEntry entry in Budget.Entries)
        {
            for (BudgetMeter? meter = tenant; meter is not null; meter = meter.Parent)
            {
                if (entry.Scope == BudgetScope.Total && meter.Budget[entry.Kind] < totals[entry.Kind])
                    totals = totals.With(entry.Kind, meter.Budget[entry.Kind]);
            }
        }

        return totals;
    }

    /// <summary>Answers a line.</summary>
    /// <exception cref="WorkerException">It asks for what does not exist, or gives back what it does not hold: it is no worker of ours any more.</exception>
    public void Serve(WorkerLineKind kind, TenantShare? share)
    {
        if (share is null || !Enum.IsDefined(share.Budget) || Budget.Entry(share.Budget).Scope != BudgetScope.Total || share.Amount <= 0)
            throw new WorkerException("The worker speaks of a share that cannot be.");
        ref long held = ref _held[(int)share.Budget];
        if (kind == WorkerLineKind.GiveBack)
        {
            if (share.Amount > held)
                throw new WorkerException("The worker gives back more than it has.");
            held -= share.Amount;
            Release(share.Budget, share.Amount);
            return;
        }

        if (share.Least <= 0 || share.Least > share.Amount)
            throw new WorkerException("The worker asks for a share that cannot be.");
        bool isRequest = share.Budget == BudgetKind.Requests;
        if (isRequest)
            Volatile.Write(ref _isWaiting, 1); // before asking: one that ends in between is told
        long granted = share.Least < share.Amount ? _tenant.ChargeUpTo(share.Budget, share.Amount, share.Least)
            : isRequest ? (_tenant.TryTake(share.Budget, share.Amount) ? share.Amount : 0) : _tenant.TryCharge(share.Budget, share.Amount) ? share.Amount : 0;
        if (isRequest && granted > 0)
            Volatile.Write(ref _isWaiting, 0);
        held += granted;
        _tell(share.Id, granted);
    }

    /// <summary>The worker has ended, and holds nothing.</summary>
    public void Dispose()
    {
        for (BudgetMeter? meter = _tenant; meter is not null; meter = meter.Parent)
            meter.RequestEnded -= RequestEnded;
        foreach (BudgetEntry entry in Budget.Entries)
        {
            long held = _held[(int)entry.Kind];
            _held[(int)entry.Kind] = 0;
            if (held > 0)
                Release(entry.Kind, held);
        }
    }

    private void Release(BudgetKind kind, long amount)
    {
        _tenant.Release(kind, amount);
        if (kind != BudgetKind.Requests)
            return;
        for (BudgetMeter? meter = _tenant; meter is not null; meter = meter.Parent)
            meter.OnRequestEnded();
    }

    private void RequestEnded()
    {
        if (Interlocked.Exchange(ref _isWaiting, 0) == 1)
            _tell(0, 0);
    }
}
