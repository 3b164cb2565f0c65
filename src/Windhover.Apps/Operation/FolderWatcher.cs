namespace Windhover.Apps.Operation;

/// <summary>
/// Tells of changes below a folder, once they have been quiet for 100 ms (a build writes in pieces), and at the latest after 500 ms. One run at a time; what changes meanwhile
/// makes another.
/// </summary>
internal sealed class FolderWatcher : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Latest = TimeSpan.FromMilliseconds(500);

    private readonly FileSystemWatcher _watcher;
    private readonly Func<Task> _changed;
    private readonly TimeProvider _time;
    private readonly string _ignored;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private long _first;
    private bool _waiting;
    private bool _running;
    private bool _disposed;

    public FolderWatcher(string folder, string ignored, Func<Task> changed, TimeProvider time)
    {
        _changed = changed;
        _time = time;
        _ignored = ignored;
        _timer = time.CreateTimer(_ => Fire(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = true,
            InternalBufferSize = 64 * 1024,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
        };
        _watcher.Changed += (_, e) => Note(e.FullPath);
        _watcher.Created += (_, e) => Note(e.FullPath);
        _watcher.Deleted += (_, e) => Note(e.FullPath);
        _watcher.Renamed += (_, e) => Note(e.FullPath);
        _watcher.Error += (_, _) => Note(folder);
        _watcher.EnableRaisingEvents = true;
    }

    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        _watcher.Dispose();
        _timer.Dispose();
    }

    private void Note(string path)
    {
        if (path.StartsWith(_ignored, StringComparison.Ordinal) || path.Contains("/.windhover", StringComparison.Ordinal))
            return;
        lock (_lock)
        {
            if (_disposed)
                return;
            if (!_waiting)
            {
                _waiting = true;
                _first = _time.GetTimestamp();
            }

            TimeSpan left = Latest - _time.GetElapsedTime(_first);
            _timer.Change(left < Quiet ? (left > TimeSpan.Zero ? left : TimeSpan.Zero) : Quiet, Timeout.InfiniteTimeSpan);
        }
    }

    private void Fire()
    {
        lock (_lock)
        {
            if (_disposed || !_waiting || _running)
                return;
            _waiting = false;
            _running = true;
        }

        _ = RunAsync();
    }

    private async Task RunAsync()
    {
        try
        {
            await _changed().ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                _running = false;
                if (_waiting && !_disposed)
                    _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
            }
        }
    }
}
