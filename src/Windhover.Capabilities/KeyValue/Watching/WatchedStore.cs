using Windhover.Capabilities.Backends;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.KeyValue.Watching;

/// <summary>A store that a trigger listens to. It stays open for that, also while the app sleeps.</summary>
internal sealed class WatchedStore : IWatchedResource
{
    private readonly ResourceLease<IKeyValueStore> _lease;
    private readonly IKeyValueWatch _watch;
    private readonly string _name;

    public WatchedStore(CapabilityResource resource, ResourceLease<IKeyValueStore> lease, IChangeListener listener)
    {
        _name = resource.Name;
        _lease = lease;
        _watch = lease.Value is IWatchedKeyValueStore watched
            ? watched.Watch(listener)
            : throw new CapabilityException($"the backend `{resource.Backend}` of the key-value store `{_name}` does not tell of changes", _name);
    }

    public IKeyValueStore Store => _lease.Value;

    public ValueTask StartAsync(CancellationToken cancellationToken) => BackendTable.CheckAsync($"key-value store `{_name}`", _name, _watch.StartAsync, cancellationToken);

    public async ValueTask<StoreChange?> CompleteAsync(StoreChange change, CancellationToken cancellationToken)
    {
        if (change.Kind == ChangeKind.Delete || change.Value is not null)
            return change;
        try
        {
            return await _watch.ReadAsync(change.Key, cancellationToken).ConfigureAwait(false) is { } value ? change with { Value = value } : null;
        }
        catch (BackendException error) when (error.Failure == BackendFailure.WrongType)
        {
            return null; // Another program keeps something else there: it is no value of this store.
        }
        catch (BackendException error) when (error.Failure is BackendFailure.Unavailable or BackendFailure.Timeout)
        {
            throw new CapabilityException($"the key-value store `{_name}` cannot be read: {error.InnerException?.Message ?? error.Message}", _name, error);
        }
        catch (BackendException error)
        {
            throw new InvalidDataException($"the value of `{change.Key}` in `{_name}` cannot be handed on: {error.Message}", error);
        }
    }

    public void Dispose()
    {
        _watch.Dispose();
        _lease.Dispose();
    }
}
