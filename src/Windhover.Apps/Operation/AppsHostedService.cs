using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Runtime;

namespace Windhover.Apps.Operation;

/// <summary>Loads the apps before the server listens, watches their folder, and stops their triggers when it stops listening.</summary>
internal sealed class AppsHostedService(AppServer server, AppsOptions options, TimeProvider time, LogStore logs) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private FolderWatcher? _watcher;
    private Task _preload = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await server.LoadAsync(cancellationToken).ConfigureAwait(false);
        if (options.Watch)
            _watcher = new FolderWatcher(Path.GetFullPath(options.Folder), options.Data, ReloadAsync, time);
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        // Requests need not wait for components that others will ask for.
        if (server.Apps.Count <= options.PreloadUpTo)
            _preload = PreloadAsync();
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _watcher?.Dispose();
        await server.StopAsync().ConfigureAwait(false);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _preload.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _stop.Dispose();
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task PreloadAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await server.PreloadAsync(_stop.Token).ConfigureAwait(false);
    }

    private async Task ReloadAsync()
    {
        long begin = time.GetTimestamp();
        try
        {
            IReadOnlyList<string> changed = await server.LoadAsync(_stop.Token).ConfigureAwait(false);
            foreach (string name in changed)
            {
                string what = server.Find(name) is { } app ? $"version {app.Version} serves, {time.GetElapsedTime(begin).TotalMilliseconds:0} ms after the change was seen" : "is gone";
                logs.Write(LogLevel.Information, name, null, "host", what);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The server stops.
        }
    }
}
