using Microsoft.Extensions.Logging;
using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Triggers;

// One cron trigger.
//
//   timer ──► due ──► last run over, or `overlap`? ── yes ──► run            the next occurrence is reckoned from the one that was due, in the
//                            │ no                                            trigger's time zone: a run that takes long shifts nothing, and
//                     missed = "once" ──► one run when the last is over,     across a change to summer time each occurrence comes once
//                            │              with the due time of the first
//                            │              that it makes up for
//                     missed = "skip" ──► a line in the log
//
// At start, missed = "once" makes up for what was due since the ledger's last entry, with one run.
internal sealed class CronRunner
{
    // Timers go to 49 days; a clock that is set forward is noticed within this.
    private static readonly TimeSpan MaxWait = TimeSpan.FromHours(1);

    private readonly RunningApp _app;
    private readonly CronTrigger _cron;
    private readonly AppServer _server;
    private readonly CronLedger _ledger;
    private readonly CancellationToken _stop;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];
    private readonly ITimer _timer;
    private DateTimeOffset _due;
    private DateTimeOffset? _missed;

    public CronRunner(RunningApp app, CronTrigger cron, AppServer server, CronLedger ledger, CancellationToken stop)
    {
        _app = app;
        _cron = cron;
        _server = server;
        _ledger = ledger;
        _stop = stop;
        _time = server.Services.Time;
        _timer = _time.CreateTimer(_ => Tick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Start()
    {
        DateTimeOffset now = _time.GetUtcNow();
        lock (_lock)
        {
            if (_cron.Missed == MissedRuns.Once && _ledger.Last(_cron.Name) is { } last && Next(last) is { } missed && missed <= now)
                Begin(missed);
            Schedule(Next(now));
        }
    }

    public async Task StopAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        Task[] running;
        lock (_lock)
            running = [.. _running];
        await Task.WhenAll(running).ConfigureAwait(false);
    }

    private DateTimeOffset? Next(DateTimeOffset after) => _cron.Schedule.GetNextOccurrence(after, _cron.Zone);

    private void Tick()
    {
        lock (_lock)
        {
            if (_stop.IsCancellationRequested)
                return;
            DateTimeOffset now = _time.GetUtcNow();
            if (now < _due)
            {
                Schedule(_due);
                return;
            }

            DateTimeOffset due = _due;
            if (_running.Count == 0 || _cron.Overlap)
            {
                Begin(due);
            }
            else
            {
                bool waits = _cron.Missed == MissedRuns.Once;
                if (waits)
                    _missed ??= due;
                _server.Services.Logs.Write(
                    LogLevel.Warning, _app.Name, _cron.Component, "host",
                    $"cron `{_cron.Name}`: the run of {due:yyyy-MM-dd HH:mm:ss}Z {(waits ? "waits for" : "is left out: it met")} the one before, which is not over");
            }

            // After a sleep of the machine: what lies in the past is one missed run, not many.
            Schedule(Next(now > due ? now : due));
        }
    }

    private void Begin(DateTimeOffset due)
    {
        _ledger.Record(_cron.Name, _time.GetUtcNow()); // not `due`: one run makes up for all until now, also when the server starts again right after it
        Task run = RunAsync(due);
        if (!run.IsCompleted)
        {
            _running.Add(run);
            _ = run.ContinueWith(Over, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Over(Task run)
    {
        lock (_lock)
        {
            _running.Remove(run);
            if (_missed is not { } missed || _stop.IsCancellationRequested || _running.Count > 0)
                return;
            _missed = null;
            Begin(missed);
        }
    }

    private async Task RunAsync(DateTimeOffset due)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (!_app.TryEnter())
            return;
        try
        {
            RunOutcome outcome = await TriggerRunner.RunAsync(_server, _app, _cron.Component, TriggerCall.ForCron(_cron, due), CancellationToken.None).ConfigureAwait(false);
            _app.Stats.Run(outcome.Ok);
        }
        finally
        {
            _app.Leave();
        }
    }

    private void Schedule(DateTimeOffset? due)
    {
        if (due is not { } next || _stop.IsCancellationRequested)
            return;
        _due = next;
        TimeSpan wait = next - _time.GetUtcNow();
        wait = wait <= TimeSpan.Zero ? TimeSpan.FromMilliseconds(1) : wait > MaxWait ? MaxWait : wait + TimeSpan.FromMilliseconds(1);
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
