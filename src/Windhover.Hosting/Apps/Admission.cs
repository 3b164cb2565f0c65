using Windhover.Engine;

namespace Windhover.Hosting.Apps;

// Which requests of an app are answered now, which wait, and which are sent away.
//
//   TryEnter ── a place of `requests` (the app's, the tenant's)? ── yes, and nobody waits ─► go
//                          │ no
//               a place of `queued-requests`? ── yes ─► wait: in order, until one leaves, the client goes, or the request's wall time is over
//                          │ no
//                       refused: 429 with Retry-After
//
// A request that leaves lets the first of the queue in. When it was the tenant's total that was full, another app's leaving makes room: so whoever waits
// is also let in whenever any app of the tenant leaves.

/// <summary>The places of one app. Thread-safe; entering without a queue allocates nothing.</summary>
internal sealed class Admission : IDisposable
{
    private readonly BudgetMeter _meter;
    private readonly Lock _lock = new();
    private readonly LinkedList<TaskCompletionSource<bool>> _queue = new();
    private int _waiting;

    public Admission(BudgetMeter meter)
    {
        _meter = meter;
        for (BudgetMeter? above = meter.Parent; above is not null; above = above.Parent)
            above.RequestEnded += LetIn;
    }

    /// <summary>Takes a place at once, if nobody waits for one.</summary>
    public bool TryEnter() => Volatile.Read(ref _waiting) == 0 && _meter.TryTake(BudgetKind.Requests, 1);

    /// <summary>Takes a place in the queue, for <see cref="WaitAsync"/>; false when it is full.</summary>
    public bool TryQueue() => _meter.TryCharge(BudgetKind.QueuedRequests, 1);

    /// <summary>Waits in the queue, where <see cref="TryQueue"/> has given a place, which it leaves.</summary>
    /// <returns>False when the token fires first.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        var place = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        LinkedListNode<TaskCompletionSource<bool>> node;
        lock (_lock)
        {
            node = _queue.AddLast(place);
            _waiting++;
        }

        LetIn(); // one may have left since
        try
        {
            using (cancellationToken.UnsafeRegister(static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), place))
                return await place.Task.ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                if (node.List is not null)
                {
                    _queue.Remove(node);
                    _waiting--;
                }
            }

            _meter.Release(BudgetKind.QueuedRequests, 1);
        }
    }

    public void Leave()
    {
        _meter.Release(BudgetKind.Requests, 1);
        if (Volatile.Read(ref _waiting) > 0)
            LetIn();
        for (BudgetMeter? above = _meter.Parent; above is not null; above = above.Parent)
            above.OnRequestEnded();
    }

    /// <summary>No request comes any more.</summary>
    public void Dispose()
    {
        for (BudgetMeter? above = _meter.Parent; above is not null; above = above.Parent)
            above.RequestEnded -= LetIn;
    }

    private void LetIn()
    {
        while (Volatile.Read(ref _waiting) > 0)
        {
            if (!_meter.TryTake(BudgetKind.Requests, 1))
                return;
            TaskCompletionSource<bool>? first = null;
            lock (_lock)
            {
                if (_queue.First is { } node)
                {
                    first = node.Value;
                    _queue.RemoveFirst();
                    _waiting--;
                }
            }

            // Nobody any more, or one that has given up: the place is free for the next.
            if (first is null || !first.TrySetResult(true))
                _meter.Release(BudgetKind.Requests, 1);
        }
    }
}
