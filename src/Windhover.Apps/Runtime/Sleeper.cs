using Microsoft.Extensions.Logging;

namespace Windhover.Apps.Runtime;

// A look at all apps, four times in the time after which they sleep:
//
//   awake, idle for so long ──► freed, one after the other ──► after the look, and a later one: what the collector has of them goes back too, in the background
//
// The collector would not come by itself: it is called by allocations, and idle apps make none.

/// <summary>Puts apps to sleep that nobody has used for <see cref="AppsOptions.SleepAfter"/>.</summary>
internal sealed class Sleeper : IAsyncDisposable
{
    private static readonly TimeSpan s_automatic = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_shortestPause = TimeSpan.FromMilliseconds(10);

    // A collection costs tens of milliseconds of one processor, and apps may fall asleep at every look.
    private static readonly TimeSpan s_betweenCollections = TimeSpan.FromSeconds(5);

    private readonly AppServer _server;
    private readonly AppsOptions _options;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly ITimer? _timer;
    private Task<int> _look = Task.FromResult(0);
    private long _collected;
    private int _collections;
    private volatile bool _stopped;

    public Sleeper(AppServer server, AppsOptions options, TimeProvider time)
    {
        _server = server;
        _options = options;
        _time = time;
        _collected = time.GetTimestamp();
        TimeSpan after = options.SleepAfter ?? s_automatic;
        if (after == Timeout.InfiniteTimeSpan)
            return;
        TimeSpan pause = after / 4 > s_shortestPause ? after / 4 : s_shortestPause;
        _timer = time.CreateTimer(_ => Look(), null, pause, pause);
    }

    /// <summary>The last look that has begun; gives how many apps fell asleep.</summary>
    public Task<int> LastLook
    {
        get
        {
            lock (_lock)
                return _look;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _stopped = true;
        if (_timer is not null)
            await _timer.DisposeAsync().ConfigureAwait(false);
        await LastLook.ConfigureAwait(false);
    }

    private void Look()
    {
        lock (_lock)
        {
            if (_look.IsCompleted && !_stopped)
                _look = LookAsync();
        }
    }

    private async Task<int> LookAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        IReadOnlyCollection<RunningApp> apps = _server.Apps;
        if (_options.SleepAfter is null && apps.Count <= _options.PreloadUpTo)
            return 0;
        TimeSpan after = _options.SleepAfter ?? s_automatic;
        int asleep = 0;
        foreach (RunningApp app in apps)
        {
            if (_stopped)
                break;
            if (!app.IsAwake || app.IdleFor(_time) < after || !await TrySleepAsync(app).ConfigureAwait(false))
                continue;
            asleep++;
            await Task.Yield(); // Thousands may fall asleep at once: requests get their turn on this thread in between.
        }

        if (asleep > 0)
            _collections = 2; // what the first one frees, the second gives back to the system: with one, 150 KiB of an app stayed resident in one run of three
        if (_collections > 0 && _time.GetElapsedTime(_collected) >= s_betweenCollections)
        {
            _collections--;
            _collected = _time.GetTimestamp();
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }

        return asleep;
    }

    // What one app's grants do when they are closed is not the others' matter.
    private async ValueTask<bool> TrySleepAsync(RunningApp app)
    {
        try
        {
            return await app.TrySleepAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            _server.Services.Logs.Write(LogLevel.Error, app.Name, null, "host", $"could not be freed wholly: {error.Message}");
            return true;
        }
    }
}
