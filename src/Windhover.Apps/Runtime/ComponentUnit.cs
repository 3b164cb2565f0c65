using Windhover.Apps.Manifest;
using Windhover.Engine;

namespace Windhover.Apps.Runtime;

/// <summary>One component of one version of an app: loaded when it is first needed, by whoever needs it; the others wait for that without a thread.</summary>
internal sealed class ComponentUnit(RunningApp app, ComponentManifest manifest, AppServices services) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<LoadedComponent>? _loading;
    private LoadedComponent? _loaded;
    private bool _disposed;
    private BudgetMeter? _meter;

    public RunningApp App => app;

    public ComponentManifest Manifest => manifest;

    /// <summary>The name in logs: the app's, with the component's where there are several.</summary>
    public string LogName => app.Manifest.Components.Count == 1 ? app.Name : $"{app.Name}/{manifest.Name}";

    /// <summary>Null before the first use, and after the app was put to sleep.</summary>
    public LoadedComponent? Loaded => Volatile.Read(ref _loaded);

    /// <summary>Whether it is loaded, is being loaded, or could not be.</summary>
    public bool IsAwake => Volatile.Read(ref _loading) is not null;

    /// <summary>What it used, over all times that it was loaded. Made by the first of them.</summary>
    public BudgetMeter Meter => _meter ??= new BudgetMeter(LogName, manifest.Budget, app.Meter);

    /// <summary>Loads it, or waits for who is loading it.</summary>
    /// <exception cref="Hosting.Apps.ComponentLoadException">It cannot be loaded; the same for everybody until the app changes.</exception>
    public ValueTask<LoadedComponent> LoadAsync()
    {
        if (Loaded is { } loaded)
            return ValueTask.FromResult(loaded);
        TaskCompletionSource<LoadedComponent> mine;
        lock (_lock)
        {
            if (_loading is not null)
                return new ValueTask<LoadedComponent>(_loading.Task);
            mine = _loading = new TaskCompletionSource<LoadedComponent>(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        return new ValueTask<LoadedComponent>(LoadAsync(mine));
    }

    private async Task<LoadedComponent> LoadAsync(TaskCompletionSource<LoadedComponent> mine)
    {
        try
        {
            LoadedComponent made = await ComponentFactory.LoadAsync(this, services).ConfigureAwait(false);
            bool late;
            lock (_lock)
            {
                late = _disposed;
                if (!late)
                    Volatile.Write(ref _loaded, made);
            }

            if (late)
                await made.DisposeAsync().ConfigureAwait(false);
            mine.SetResult(made);
        }
        catch (Exception error)
        {
            mine.SetException(error);
        }

        return await mine.Task.ConfigureAwait(false);
    }

    /// <summary>
    /// Makes it as it was before its first use: it is loaded anew by whoever needs it next. Only while nobody is inside of the app.
    /// </summary>
    /// <returns>What was loaded, for the caller to free; null where that stays, or there is none.</returns>
    public LoadedComponent? TakeOut()
    {
        lock (_lock)
        {
            if (_disposed || _loading is not { Task.IsCompleted: true } || _loaded is { CanSleep: false })
                return null;
            LoadedComponent? loaded = _loaded;
            _loading = null;
            Volatile.Write(ref _loaded, null);
            return loaded;
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
        }

        if (Loaded is { } loaded)
            await loaded.DisposeAsync().ConfigureAwait(false);
    }
}
