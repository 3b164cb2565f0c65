using Windhover.Components.Linking;
using Windhover.Hosting.Capabilities;

namespace Windhover.Hosting.Watching;

// Who tells whom of a change:
//
//   guest ── set ──► store ── Changed ──► IChangeListener (a trigger's queue) ──► CompleteAsync ──► ChangeHandling ──► another guest
//                      │                  at once, in order, never waits          the value, where   calls its export
//                      └─ done            the store did not tell it               the change lacks it
//
// What is left out, kept, dropped and run is the matter of whoever listens (Windhover.Apps, [[watch]] of a manifest); the capability knows the store and the guest's interfaces.

/// <summary>A capability whose resources tell of changes, and whose guests can be called with them.</summary>
public interface IWatchCapability : ICapability
{
    /// <summary>The interfaces by which a component is told, as it exports them.</summary>
    IReadOnlyList<string> WatcherInterfaces { get; }

    /// <summary>Finds how a component is told; null when it exports none of <see cref="WatcherInterfaces"/>.</summary>
    /// <exception cref="LinkException">It exports one of another type.</exception>
    ChangeHandling? FindWatcher(PreparedComponent component);

    /// <summary>
    /// Begins to tell a listener of what changes in one resource, until the result is disposed of. It connects to nothing yet: <see cref="IWatchedResource.StartAsync"/> does.
    /// </summary>
    /// <exception cref="CapabilityException">The settings cannot work, or the backend tells of no changes.</exception>
    IWatchedResource Watch(CapabilityRequest request, CapabilityResource resource, IChangeListener listener);
}

/// <summary>A resource that somebody listens to. Disposing of it ends that.</summary>
public interface IWatchedResource : IDisposable
{
    /// <summary>Connects, where the resource is far away. Changes before it is complete may not be told. May be called again after it failed, or was complete.</summary>
    /// <exception cref="CapabilityException">The backend is away, or does not tell of changes; the message says what to do.</exception>
    ValueTask StartAsync(CancellationToken cancellationToken);

    /// <summary>The change with its value; null when there is nothing to tell any more, because the key went meanwhile, which is told by itself.</summary>
    /// <exception cref="CapabilityException">The backend is away.</exception>
    /// <exception cref="InvalidDataException">The value cannot be handed to a guest.</exception>
    ValueTask<StoreChange?> CompleteAsync(StoreChange change, CancellationToken cancellationToken);
}

/// <summary>Is told of changes.</summary>
public interface IChangeListener
{
    /// <summary>Called in the order of the changes, after each is durable and while the store lets no other change by: must neither wait nor throw.</summary>
    void Changed(StoreChange change);
}

/// <summary>Has an instance handle a change.</summary>
/// <param name="instance">An instance of the component that the handling was found in.</param>
/// <param name="guest">Its state.</param>
/// <param name="resource">What changed: the guest is given it.</param>
/// <param name="change">The change, complete.</param>
/// <exception cref="Engine.TrapException">The guest failed.</exception>
public delegate void ChangeHandling(ComponentInstance instance, GuestContext guest, IWatchedResource resource, StoreChange change);
