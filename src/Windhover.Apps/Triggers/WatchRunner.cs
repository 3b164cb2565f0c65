using Microsoft.Extensions.Logging;
using Windhover.Apps.Manifest;
using Windhover.Apps.Runtime;
using Windhover.Apps.Services;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Watching;

namespace Windhover.Apps.Triggers;

// Tells a component of the changes in a store, one after the other.
//
//   connect ──► wait for a change ──► enter the app ──► take it, read its value ──► run ──► stats        one loop for each trigger: so changes come in order
//      ▲               │                    └─ this version is over: leave it to the next
//      │               └─ nothing for a while: ask whether the backend still tells
//      └─ away: say so once, again after growing pauses
//
// A change that was taken is done with, however its run ends: at most once. On stop the run under way finishes, and what waits stays in the queue.
internal sealed class WatchRunner
{
    private static readonly TimeSpan s_checkEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_sayEvery = TimeSpan.FromSeconds(10);

    private readonly RunningApp _app;
    private readonly WatchTrigger _watch;
    private readonly WatchQueue _queue;
    private readonly AppServer _server;
    private readonly TimeProvider _time;
    private Task? _waiting; // outlives the look whether the backend still tells
    private bool _isDown;
    private long _dropped;
    private long _tooDeep;
    private long _saidDropped;
    private long _saidDeep;

    public WatchRunner(RunningApp app, WatchTrigger watch, WatchQueue queue, AppServer server)
    {
        _app = app;
        _watch = watch;
        _queue = queue;
        _server = server;
        _time = server.Services.Time;
    }

    public async Task RunAsync(CancellationToken stop)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        int failures = 0;
        bool isStarted = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!isStarted)
                {
                    await _queue.Resource.StartAsync(stop).ConfigureAwait(false);
                    if (_isDown)
                        Log(LogLevel.Information, "the backend is back");
                    _isDown = false;
                    isStarted = true;
                    failures = 0;
                }

                isStarted = await WaitAsync(stop).ConfigureAwait(false);
                if (isStarted && !await HandleAsync(stop).ConfigureAwait(false))
                    break;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error)
            {
                // The backend is away, or something is wrong that nobody foresaw: said once, tried again with growing pauses. The loop must not end by itself.
                if (!_isDown)
                    Log(LogLevel.Error, error.Message);
                _isDown = true;
                isStarted = false;
                failures = Math.Min(failures + 1, 6);
                try
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(100 * (1 << failures)), _time, stop).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
            }
        }

        SayLosses(all: true);
    }

    /// <returns>False: nothing came for long enough that the backend is to be asked whether it still tells.</returns>
    private async Task<bool> WaitAsync(CancellationToken stop)
    {
        _waiting ??= _queue.WaitAsync(stop).AsTask();
        try
        {
            await _waiting.WaitAsync(s_checkEvery, _time, stop).ConfigureAwait(false);
            _waiting = null;
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    /// <returns>False: this version of the app takes no more.</returns>
    private async Task<bool> HandleAsync(CancellationToken stop)
    {
        SayLosses(all: false);
        if (stop.IsCancellationRequested || !_app.TryEnter())
            return false;
        try
        {
            if (_queue.TryTake() is { } change && await CompleteAsync(change, stop).ConfigureAwait(false) is { } complete)
            {
                RunOutcome outcome = await TriggerRunner.RunAsync(_server, _app, _watch.Component, TriggerCall.ForChange(_queue, complete), CancellationToken.None).ConfigureAwait(false);
                _app.Stats.Run(outcome.Ok);
            }
        }
        finally
        {
            _app.Leave();
        }

        return true;
    }

    // While the backend is away the change waits: it was told, and is not to be lost because its value cannot be read yet.
    private async ValueTask<StoreChange?> CompleteAsync(StoreChange change, CancellationToken stop)
    {
        for (int failures = 1; ; failures = Math.Min(failures + 1, 6))
        {
            try
            {
                return await _queue.Resource.CompleteAsync(change, CancellationToken.None).ConfigureAwait(false);
            }
            catch (InvalidDataException error)
            {
                Log(LogLevel.Error, error.Message);
                return null;
            }
            catch (CapabilityException error)
            {
                if (!_isDown)
                    Log(LogLevel.Error, error.Message);
                _isDown = true;
                if (stop.IsCancellationRequested)
                {
                    _queue.GiveBack(change);
                    return null;
                }

                // Ends at once when it is stopped, and then looks a last time.
                await Task.Delay(TimeSpan.FromMilliseconds(100 * (1 << failures)), _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // A flood of changes is one line now and then, which counts them.
    private void SayLosses(bool all)
    {
        (long dropped, long tooDeep, string? key) = _queue.TakeLosses();
        if (IsToBeSaid(ref _tooDeep, tooDeep, ref _saidDeep, all, out string changes))
        {
            Log(
                LogLevel.Warning,
                $"{changes} not told{(key is null ? "" : $", the last of `{key}`")}: made by runs that changes began, more than {CallChain.MaxDepth} deep. Watchers that change what each other watches need a condition on which they stop");
        }

        if (IsToBeSaid(ref _dropped, dropped, ref _saidDropped, all, out changes))
            Log(LogLevel.Warning, $"{changes} not told: more came than the component handles, and its queue of {_watch.Queue} changes or {_watch.QueueBytes >> 10} KiB was full; the oldest went");
    }

    private bool IsToBeSaid(ref long count, long more, ref long said, bool all, out string changes)
    {
        count += more;
        changes = count == 1 ? "1 change was" : $"{count} changes were";
        if (count == 0 || (!all && said != 0 && _time.GetElapsedTime(said) < s_sayEvery))
            return false;
        count = 0;
        said = Math.Max(1, _time.GetTimestamp());
        return true;
    }

    private void Log(LogLevel level, string message) => _server.Services.Logs.Write(level, _app.Name, _watch.Component, "host", $"watch `{_watch.Store}`: {message}");
}
