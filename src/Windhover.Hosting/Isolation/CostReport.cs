using Windhover.Components.Workers;
using Windhover.Engine;

namespace Windhover.Hosting.Isolation;

/// <summary>Tells the server every second what the runs of a worker have cost, when that has changed: metrics and <c>windhover top</c> show it there.</summary>
internal sealed class CostReport : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly BudgetMeter _meter;
    private readonly WorkerChannel _channel;
    private readonly ITimer _timer;
    private (long Runs, TimeSpan Cpu, long MemoryTime, long BytesOut, long BytesIn) _told;
    private BudgetUse[] _toldUses = [];

    public CostReport(BudgetMeter meter, WorkerChannel channel, TimeProvider time)
    {
        _meter = meter;
        _channel = channel;
        _timer = time.CreateTimer(static report => ((CostReport)report!).Tell(), this, Period, Period);
    }

    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        lock (_timer)
        {
            var costs = _meter.Costs();
            BudgetUse[] uses = [.. _meter.Snapshot().Budgets];
            if (costs == _told && uses.AsSpan().SequenceEqual(_toldUses))
                return;
            var line = new WorkerCosts(
                costs.Runs - _told.Runs, (costs.Cpu - _told.Cpu).Ticks, costs.MemoryTime - _told.MemoryTime, costs.BytesOut - _told.BytesOut, costs.BytesIn - _told.BytesIn, uses);
            (_told, _toldUses) = (costs, uses);
            _channel.Send(new WorkerLine(WorkerLineKind.Costs) { Costs = line }, IsolationJson.Default.WorkerLine);
        }
    }
}
