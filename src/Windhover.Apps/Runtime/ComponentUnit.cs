using Windhover.Apps.Manifest;

namespace Windhover.Apps.Runtime;

/// <summary>One component of one version of an app: loaded when it is first needed, by whoever needs it; the others wait for that without a thread.</summary>
internal sealed class ComponentUnit(RunningApp app, ComponentManifest manifest, AppServices services) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private TaskCompletionSource<LoadedComponent>? _loading;
    private LoadedComponent? _loaded;
    private bool _disposed;

    public RunningApp App => app;

    public ComponentManifest Manifest => manifest;

    /// <summary>The name in logs: the app's, with the component's where there are several.</summary>
    public string LogName => app.Manifest.Components.Count == 1 ? app.Name : $"{app.Name}/{manifest.Name}";

    /// <summary>Null before the first use.</summary>
    public LoadedComponent? Loaded => Volatile.Read(ref _loaded);

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
