using System.Collections.Concurrent;
using Windhover.Components.Workers;
using Windhover.Engine;

namespace Windhover.Hosting.Isolation;

// A tenant's totals hold over its apps wherever they run. They are kept in the server's process; a worker asks for each share:
//
//   worker                                             server
//   charge ── { Ask, id, kind, wanted, least } ──────▶ TenantLease: takes it of the tenant's meter, and remembers that it is this worker's
//   (waits)  ◀───────────────── (id, granted) ────────
//   release ── { GiveBack, kind, amount } ───────────▶ gives it back
//            ◀───────────────── (0, 0) ───────────────  a request of the tenant has ended elsewhere: who waits here may ask again
//
// Nothing is kept for later: what the worker does not use, the tenant's other apps have at once. Only kinds that have a total are asked for, some 50 µs each; a
// tenant without totals costs nothing. A worker that ends gives back all, whatever it says.

/// <summary>The worker's side. Thread-safe; asking blocks its thread until the server answers.</summary>
internal sealed class TenantLender : IBudgetLender
{
    private readonly WorkerChannel _channel;
    private readonly Budget _totals;
    private readonly ConcurrentDictionary<long, Question> _asked = new();
    private long _last;

    private TenantLender(WorkerChannel channel, Budget totals)
    {
        _channel = channel;
        _totals = totals;
    }

    /// <summary>The tenant's meter as a worker has it.</summary>
    public static BudgetMeter Create(string name, Budget totals, WorkerChannel channel)
    {
        var lender = new TenantLender(channel, totals);
        var meter = new BudgetMeter(name, totals) { Lender = lender };
        channel.Told = (id, granted) =>
        {
            if (id == 0)
                ThreadPool.UnsafeQueueUserWorkItem(static meter => meter.OnRequestEnded(), meter, preferLocal: false); // it asks, and this thread brings the answers
            else if (lender._asked.TryRemove(id, out Question? question))
                question.Answer(granted);
        };
        return meter;
    }

    public bool Lends(BudgetKind kind) => _totals[kind] != Budget.Unlimited;

    public long Take(BudgetKind kind, long wanted, long least)
    {
        long id = Interlocked.Increment(ref _last);
        var question = new Question();
        _asked[id] = question;
        _channel.Send(new WorkerLine(WorkerLineKind.Ask) { Share = new TenantShare(id, kind, wanted, least) }, IsolationJson.Default.WorkerLine);
        return question.Wait();
    }

    public void GiveBack(BudgetKind kind, long amount) =>
        _channel.Send(new WorkerLine(WorkerLineKind.GiveBack) { Share = new TenantShare(0, kind, amount, 0) }, IsolationJson.Default.WorkerLine);

    private sealed class Question
    {
        private readonly object _gate = new();
        private long _granted = -1;

        public void Answer(long granted)
        {
            lock (_gate)
            {
                _granted = granted;
                Monitor.Pulse(_gate);
            }
        }

        public long Wait()
        {
            lock (_gate)
            {
                while (_granted < 0)
                    Monitor.Wait(_gate);
                return _granted;
            }
        }
    }
}
