using System.Diagnostics;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.KeyValue.Watching;

/// <summary>Those who listen to one store of this process. Thread-safe; who tells sees to the order.</summary>
internal sealed class StoreListeners
{
    private readonly Lock _lock = new();
    private volatile IChangeListener[] _all = [];

    /// <summary>Whether anybody listens: all that a write costs where nobody does.</summary>
    public bool Any => _all.Length > 0;

    public IKeyValueWatch Add(IKeyValueStore store, IChangeListener listener)
    {
        lock (_lock)
            _all = [.. _all, listener];
        return new Entry(this, store, listener);
    }

    public void Tell(StoreChange change)
    {
        foreach (IChangeListener listener in _all)
            listener.Changed(change);
    }

    private void Remove(IChangeListener listener)
    {
        lock (_lock)
        {
            int at = Array.IndexOf(_all, listener);
            if (at >= 0)
                _all = [.. _all[..at], .. _all[(at + 1)..]];
        }
    }

    private sealed class Entry(StoreListeners owner, IKeyValueStore store, IChangeListener listener) : IKeyValueWatch
    {
        private StoreListeners? _owner = owner;

        public ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<byte[]?> ReadAsync(string key, CancellationToken cancellationToken) => store.GetAsync(key, cancellationToken);

        public void Dispose() => Interlocked.Exchange(ref _owner, null)?.Remove(listener);
    }
}

/// <summary>Tells of what one write changed. Made before the write waits for its turn: afterwards the writer's guest may work for somebody else.</summary>
internal sealed class ChangeTeller(StoreListeners listeners, ChangeWriter writer)
{
    private readonly ChangeOrigin? _origin = writer.Origin;
    private readonly ActivityContext _trace = Activity.Current?.Context ?? default;

    public void SetIf(bool isSet, string key, ReadOnlyMemory<byte> value)
    {
        if (isSet)
            listeners.Tell(new StoreChange(ChangeKind.Set, key, value, _origin, _trace));
    }

    public void DeleteIf(bool wasThere, string key)
    {
        if (wasThere)
            listeners.Tell(new StoreChange(ChangeKind.Delete, key, null, _origin, _trace));
    }
}
