namespace Windhover.Capabilities.Backends;

/// <summary>Things that several grants use under one key, such as a file or a connection: made for the first, disposed of after the last. Thread-safe.</summary>
public sealed class SharedResources<T>
    where T : class, IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Becomes a user of what has this key.</summary>
    /// <param name="key">What it is.</param>
    /// <param name="create">Makes it, for the first user. It connects to nothing yet.</param>
    public ResourceLease<TAs> Open<TAs>(string key, Func<T> create)
        where TAs : class
    {
        ArgumentNullException.ThrowIfNull(create);
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out Entry? entry))
                _entries.Add(key, entry = new Entry(create()));
            entry.Users++;
            return new ResourceLease<TAs>((TAs)(object)entry.Value, () => Close(key));
        }
    }

    private void Close(string key)
    {
        T last;
        lock (_lock)
        {
            Entry entry = _entries[key];
            if (--entry.Users > 0)
                return;
            _entries.Remove(key);
            last = entry.Value;
        }

        last.Dispose();
    }

    private sealed class Entry(T value)
    {
        public T Value => value;

        public int Users { get; set; }
    }
}

/// <summary>The use of something that others may use too.</summary>
/// <param name="value">What it is.</param>
/// <param name="release">Called once, when this user is done.</param>
public sealed class ResourceLease<T>(T value, Action? release = null) : IDisposable
    where T : class
{
    private Action? _release = release;

    /// <summary>What it is.</summary>
    public T Value => value;

    /// <summary>Is no user any more.</summary>
    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
