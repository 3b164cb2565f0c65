using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Windhover.Plugins;

/// <summary>What happened to a file of a <see cref="PluginDirectory{TPlugin}"/>.</summary>
public enum PluginChange
{
    /// <summary>A new plug-in is there.</summary>
    Loaded,

    /// <summary>A plug-in went over to a new version.</summary>
    Swapped,

    /// <summary>A file is gone, and its plug-in with it.</summary>
    Unloaded,

    /// <summary>A file cannot be loaded; what was loaded under its name before stays.</summary>
    Failed,
}

/// <summary>A change in a watched directory.</summary>
/// <param name="Change">What happened.</param>
/// <param name="Name">The plug-in.</param>
/// <param name="Error">Why it failed.</param>
public sealed record PluginDirectoryEvent(PluginChange Change, string Name, Exception? Error = null);

// One task handles all changes, one after the other:
//
//   watcher ──path──► channel ──► settle (a copy in progress raises many events) ──► digest differs? ──► load ──► swap
//
// A file that is read half-written is no component: it fails, the old version stays, and the writer's next event tries again.

/// <summary>
/// The plug-ins of a directory: each <c>*.wasm</c> file is one, its name without extension its name. Files that come, change and go are
/// followed while the application runs. Thread-safe.
/// </summary>
public sealed class PluginDirectory<TPlugin> : IAsyncDisposable
    where TPlugin : Plugin, IPlugin<TPlugin>
{
    private static readonly TimeSpan s_settle = TimeSpan.FromMilliseconds(100);

    private readonly PluginHost _host;
    private readonly Func<object?>? _imports;
    private readonly PluginOptions _options;
    private readonly ConcurrentDictionary<string, PluginPool<TPlugin>> _pools = new(StringComparer.Ordinal);
    private readonly Channel<string> _changes = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly FileSystemWatcher _watcher;
    private Task _loop = Task.CompletedTask;

    private PluginDirectory(PluginHost host, string path, Func<object?>? imports, PluginOptions options)
    {
        _host = host;
        _imports = imports;
        _options = options;
        Path = System.IO.Path.GetFullPath(path);
        _watcher = new FileSystemWatcher(Path, "*.wasm") { NotifyFilter = NotifyFilters.FileName | NotifyFilters.LastWrite | NotifyFilters.Size };
        _watcher.Created += (_, e) => _changes.Writer.TryWrite(e.FullPath);
        _watcher.Changed += (_, e) => _changes.Writer.TryWrite(e.FullPath);
        _watcher.Deleted += (_, e) => _changes.Writer.TryWrite(e.FullPath);
        _watcher.Renamed += (_, e) =>
        {
            _changes.Writer.TryWrite(e.OldFullPath);
            _changes.Writer.TryWrite(e.FullPath);
        };
        // Events were lost: look at everything.
        _watcher.Error += (_, _) => WriteAll();
    }

    /// <summary>The directory.</summary>
    public string Path { get; }

    /// <summary>The names of the plug-ins that are loaded.</summary>
    public IReadOnlyCollection<string> Names => [.. _pools.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Raised after each change, from one thread at a time. Must not throw.</summary>
    public event Action<PluginDirectoryEvent>? Changed;

    internal static async Task<PluginDirectory<TPlugin>> OpenAsync(
        PluginHost host, string path, Func<object?>? imports, PluginOptions options, Action<PluginDirectoryEvent>? changed, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(path))
            throw new DirectoryNotFoundException($"The directory of plug-ins '{System.IO.Path.GetFullPath(path)}' does not exist.");
        var directory = new PluginDirectory<TPlugin>(host, path, imports, options);
        directory.Changed += changed;
        directory._watcher.EnableRaisingEvents = true;
        foreach (string file in Directory.GetFiles(directory.Path, "*.wasm").Order(StringComparer.Ordinal))
            await directory.LookAsync(file, cancellationToken).ConfigureAwait(false);
        directory._loop = directory.RunAsync();
        return directory;
    }

    /// <summary>Finds a plug-in.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out PluginPool<TPlugin>? pool) => _pools.TryGetValue(name, out pool);

    private void WriteAll()
    {
        foreach (string name in _pools.Keys)
            _changes.Writer.TryWrite(System.IO.Path.Combine(Path, name + ".wasm"));
        foreach (string file in Directory.Exists(Path) ? Directory.GetFiles(Path, "*.wasm") : [])
            _changes.Writer.TryWrite(file);
    }

    private async Task RunAsync()
    {
        var paths = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            while (await _changes.Reader.WaitToReadAsync(_end.Token).ConfigureAwait(false))
            {
                await Task.Delay(s_settle, _end.Token).ConfigureAwait(false);
                while (_changes.Reader.TryRead(out string? path))
                    paths.Add(path);
                foreach (string path in paths)
                    await LookAsync(path, _end.Token).ConfigureAwait(false);
                paths.Clear();
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task LookAsync(string path, CancellationToken cancellationToken)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(path);
        try
        {
            if (!File.Exists(path))
            {
                if (_pools.TryRemove(name, out PluginPool<TPlugin>? gone))
                {
                    gone.Dispose();
                    Changed?.Invoke(new PluginDirectoryEvent(PluginChange.Unloaded, name));
                }

                return;
            }

            PluginComponent component = await _host.LoadAsync(path, cancellationToken).ConfigureAwait(false);
            Take(name, component);
        }
        catch (Exception error) when (error is PluginException or IOException or UnauthorizedAccessException)
        {
            Changed?.Invoke(new PluginDirectoryEvent(PluginChange.Failed, name, error));
        }
    }

    private void Take(string name, PluginComponent component)
    {
        try
        {
            if (!_pools.TryGetValue(name, out PluginPool<TPlugin>? pool))
            {
                _pools[name] = new PluginPool<TPlugin>(component, _imports, _options);
                Changed?.Invoke(new PluginDirectoryEvent(PluginChange.Loaded, name));
            }
            else if (pool.Info.Digest == component.Info.Digest)
            {
                component.Dispose();
            }
            else
            {
                _ = pool.SwapAsync(component);
                Changed?.Invoke(new PluginDirectoryEvent(PluginChange.Swapped, name));
            }
        }
        catch (PluginException)
        {
            component.Dispose();
            throw;
        }
    }

    /// <summary>Follows the directory no more, and ends its plug-ins; completes when all are freed.</summary>
    public async ValueTask DisposeAsync()
    {
        _watcher.Dispose();
        await _end.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        foreach (PluginPool<TPlugin> pool in _pools.Values)
            await pool.DisposeAsync().ConfigureAwait(false);
        _end.Dispose();
    }
}
