using Windhover.Capabilities.Backends;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.KeyValue;

/// <summary>
/// Values by key. One per granted store, shared by all instances of an app; thread-safe. Every method throws <see cref="BackendException"/> when the backend
/// cannot do it, and <see cref="OperationCanceledException"/> when the guest's work was given up. A value task that is complete when it is returned costs the
/// guest no wait. Methods that write take for whom they do: those who watch are told.
/// </summary>
public interface IKeyValueStore
{
    /// <summary>The value, or null. The array is the caller's.</summary>
    ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Sets a value. The bytes may be kept for those who watch: nobody changes them afterwards.</summary>
    /// <returns>False only when the key was there and <see cref="SetOptions.IfAbsent"/> is set.</returns>
    ValueTask<bool> SetAsync(string key, ReadOnlyMemory<byte> value, SetOptions options, ChangeWriter writer, CancellationToken cancellationToken);

    /// <summary>Removes a key, if it is there.</summary>
    ValueTask DeleteAsync(string key, ChangeWriter writer, CancellationToken cancellationToken);

    /// <summary>Whether the key is there.</summary>
    ValueTask<bool> ExistsAsync(string key, CancellationToken cancellationToken);

    /// <summary>A page of keys, in no particular order; a key may come twice when keys change in between.</summary>
    /// <param name="prefix">Only keys that begin so; empty: all.</param>
    /// <param name="cursor">0, or the cursor of the page before. Any other number gives some page or none, and no error.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<KeyPage> ListAsync(string prefix, ulong cursor, CancellationToken cancellationToken);

    /// <summary>Adds to a number kept as decimal text, atomically; an absent key counts as 0.</summary>
    /// <exception cref="BackendException">What is there is no number (<see cref="BackendFailure.WrongType"/>), or the sum does not fit 64 bits.</exception>
    ValueTask<long> IncrementAsync(string key, long delta, ChangeWriter writer, CancellationToken cancellationToken);

    /// <summary>Sets a value if what is there is still what was read.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expected">What must be there; null: nothing.</param>
    /// <param name="value">The new value; kept as in <see cref="SetAsync"/>.</param>
    /// <param name="writer">For whom.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Whether it was set.</returns>
    ValueTask<bool> CompareAndSetAsync(string key, ReadOnlyMemory<byte>? expected, ReadOnlyMemory<byte> value, ChangeWriter writer, CancellationToken cancellationToken);

    /// <summary>Values in the order of the keys, null where there is none.</summary>
    ValueTask<byte[]?[]> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken);

    /// <summary>Sets all of them; of a key that comes twice the last counts.</summary>
    ValueTask SetManyAsync(IReadOnlyList<(string Key, byte[] Value)> values, ChangeWriter writer, CancellationToken cancellationToken);

    /// <summary>Removes all of them.</summary>
    ValueTask DeleteManyAsync(IReadOnlyList<string> keys, ChangeWriter writer, CancellationToken cancellationToken);

    /// <summary>Asks the backend whether it can serve.</summary>
    /// <exception cref="BackendException">It cannot.</exception>
    ValueTask CheckAsync(CancellationToken cancellationToken);
}

/// <summary>A store that tells of its changes, where its backend can.</summary>
public interface IWatchedKeyValueStore : IKeyValueStore
{
    /// <summary>Begins to tell a listener of all changes. Connects to nothing yet.</summary>
    IKeyValueWatch Watch(IChangeListener listener);
}

/// <summary>Somebody listens to a store. Disposing of it ends that.</summary>
public interface IKeyValueWatch : IDisposable
{
    /// <summary>Connects, where the store is far away. May be called again, after it failed and to ask whether changes are still told.</summary>
    /// <exception cref="BackendException">The backend is away.</exception>
    /// <exception cref="CapabilityException">It does not tell of changes; the message says what to do.</exception>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>The value of a key whose change was told without one; null when it is gone.</summary>
    /// <exception cref="BackendException">The backend is away, or the value is longer than <see cref="KeyValueLimits.ValueBytes"/>.</exception>
    ValueTask<byte[]?> ReadAsync(string key, CancellationToken cancellationToken);
}

/// <summary>A page of keys.</summary>
/// <param name="Keys">The keys; may be empty though there are more.</param>
/// <param name="Cursor">Where the next page begins; 0: there is none.</param>
public readonly record struct KeyPage(IReadOnlyList<string> Keys, ulong Cursor);

/// <summary>How a value is set.</summary>
/// <param name="TimeToLive">How long it lasts; null: until it is removed.</param>
/// <param name="IfAbsent">Set it only when the key is not there.</param>
public readonly record struct SetOptions(TimeSpan? TimeToLive = null, bool IfAbsent = false);

/// <summary>Something that keeps key-value stores: registered as a service, it can stand behind <c>key-value</c> in a manifest.</summary>
public interface IKeyValueBackend
{
    /// <summary>Its name and options.</summary>
    BackendKind Kind { get; }

    /// <summary>Opens a store, without connecting to anything yet.</summary>
    /// <exception cref="CapabilityException">The options cannot work.</exception>
    ResourceLease<IKeyValueStore> Open(CapabilityRequest request, CapabilityResource resource);
}
