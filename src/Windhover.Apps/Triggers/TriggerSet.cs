using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;
using Windhover.Hosting.Capabilities;

namespace Windhover.Apps.Triggers;

// The triggers of one version of an app, from before it serves until it is replaced:
//
//   Prepare   the queues of its watches listen, so that the first request's changes are told; those that the version before has already stay there yet
//   Start     this version serves: takes over the queues that the version before left, and lets everything run
//   StopAsync no new runs; those under way finish, and the queues of watches go on listening for who takes them over
//   Dispose   what nobody took over ends
internal sealed class TriggerSet : IDisposable
{
    private readonly RunningApp _app;
    private readonly AppServer _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _loops = [];
    private readonly List<CronRunner> _crons = [];
    private readonly Dictionary<string, WatchQueue> _watches = new(StringComparer.Ordinal);

    private TriggerSet(RunningApp app, AppServer server)
    {
        _app = app;
        _server = server;
    }

    /// <exception cref="CapabilityException">A store cannot be watched.</exception>
    public static TriggerSet Prepare(RunningApp app, TriggerSet? before, AppServer server)
    {
        var set = new TriggerSet(app, server);
        try
        {
            foreach (WatchTrigger watch in app.Manifest.Watches)
            {
                string key = WatchQueue.KeyOf(app.Name, watch);
                if (before?._watches.ContainsKey(key) != true)
                    set._watches.Add(key, new WatchQueue(app.Name, watch, server.Services.Watches!));
            }

            return set;
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    /// <summary>Lets them run.</summary>
    /// <param name="before">The triggers of the version before, stopped.</param>
    public void Start(TriggerSet? before)
    {
        var ledger = new CronLedger(Path.Combine(_server.Services.Options.Data, _app.Name, "cron.json"));
        foreach (CronTrigger cron in _app.Manifest.Cron)
        {
            var runner = new CronRunner(_app, cron, _server, ledger, _stop.Token);
            _crons.Add(runner);
            runner.Start();
        }

        foreach (QueueTrigger queue in _app.Manifest.Queues)
        {
            var consumer = new QueueConsumer(_app, queue, _server);
            for (int i = 0; i < queue.Concurrency; i++)
                _loops.Add(consumer.RunAsync(_stop.Token));
        }

        foreach (WatchTrigger watch in _app.Manifest.Watches)
        {
            string key = WatchQueue.KeyOf(_app.Name, watch);
            if (before?._watches.Remove(key, out WatchQueue? left) == true)
                _watches.Add(key, left);
            _loops.Add(new WatchRunner(_app, watch, _watches[key], _server).RunAsync(_stop.Token));
        }

        if (_watches.Count > 0)
            _app.Watching = [.. _watches.Values];
    }

    /// <summary>No new runs; those under way are given up or finish, as their kind says.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_loops).ConfigureAwait(false);
        await Task.WhenAll(_crons.Select(c => c.StopAsync())).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (WatchQueue watch in _watches.Values)
            watch.Dispose();
        _watches.Clear();
        _stop.Dispose();
    }
}
