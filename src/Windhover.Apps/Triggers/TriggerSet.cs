using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Triggers;

/// <summary>The cron and queue triggers of one version of an app, from when it serves until it is replaced.</summary>
internal sealed class TriggerSet : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private readonly List<CronRunner> _crons = [];

    private TriggerSet()
    {
    }

    public static TriggerSet Start(RunningApp app, AppServer server)
    {
        var set = new TriggerSet();
        var ledger = new CronLedger(Path.Combine(server.Services.Options.Data, app.Name, "cron.json"));
        foreach (CronTrigger cron in app.Manifest.Cron)
        {
            var runner = new CronRunner(app, cron, server, ledger, set._stop.Token);
            set._crons.Add(runner);
            runner.Start();
        }

        foreach (QueueTrigger queue in app.Manifest.Queues)
        {
            var consumer = new QueueConsumer(app, queue, server);
            for (int i = 0; i < queue.Concurrency; i++)
                set._loops.Add(consumer.RunAsync(set._stop.Token));
        }

        return set;
    }

    /// <summary>No new runs; those under way are given up or finish, as their kind says.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(false);
        await Task.WhenAll(_crons.Select(c => c.StopAsync())).ConfigureAwait(false);
        Dispose();
    }

    public void Dispose() => _stop.Dispose();
}
