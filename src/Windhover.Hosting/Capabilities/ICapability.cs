using Windhover.Components.Linking;

namespace Windhover.Hosting.Capabilities;

// What a capability is, and its way into a guest:
//
//   (1) server starts    Define       once: its interfaces, under every name that guests know them by, go into the one linker of the server
//   (2) app is loaded    Grant        once per app and component: from the manifest's settings to an object that holds what is granted
//   (3) guest calls      CreateHost   once per instance, at its first call: the object that answers, made from the grant
//   (4) guest calls on   the same object; a cast and an array element, no look-up
//   (5) app is unloaded  Dispose      of the grant; also when a server of many apps puts an idle one to sleep, and then (2) comes again
//
// The linker is shared, so that 10,000 apps cost one set of host functions. What an app may do is decided by its grant alone: an app that was
// granted nothing gets a grant that refuses in the words of the interface.

/// <summary>
/// Interfaces that the host offers to guests over some store: key-value, messaging, configuration … Registered as a service
/// (<c>services.AddSingleton&lt;ICapability, …&gt;()</c>); one object per server, thread-safe.
/// </summary>
public interface ICapability
{
    /// <summary>Its name in manifests, logs and errors, such as <c>key-value</c>.</summary>
    string Name { get; }

    /// <summary>What may stand behind it, the default first. A manifest that names another one, or an option that it does not have, is refused.</summary>
    IReadOnlyList<BackendKind> Backends { get; }

    /// <summary>Defines its interfaces. Called once, before the first component is loaded.</summary>
    /// <param name="linker">The server's linker.</param>
    /// <param name="slot">Finds, from the state of an instance, the object that <see cref="CapabilityGrant.CreateHost"/> made for it.</param>
    void Define(ComponentLinker linker, CapabilitySlot slot);

    /// <summary>
    /// Makes what one component of an app is granted; without resources, a grant that refuses. It connects to nothing yet: a backend that is down
    /// fails the calls that need it and <see cref="CapabilityGrant.CheckAsync"/>, not the server's start.
    /// </summary>
    /// <exception cref="CapabilityException">The settings cannot work; the message says which and what to do.</exception>
    CapabilityGrant Grant(CapabilityRequest request);
}

/// <summary>
/// What one component of an app was granted of one capability. Thread-safe; disposed of when the app is unloaded, after its last instance. An app that idles may be unloaded and loaded
/// again: what guests store belongs to the capability, or to what stands behind it, and not to the grant.
/// </summary>
public abstract class CapabilityGrant : IDisposable
{
    /// <summary>Makes the object that answers one instance's calls. It is used by one thread at a time, and disposed of with the instance if it can be.</summary>
    public abstract object CreateHost(GuestContext guest);

    /// <summary>Asks the backends whether they can serve; for <c>/readyz</c> and <c>windhover doctor</c>.</summary>
    /// <exception cref="CapabilityException">One cannot; the message names it and says what to do.</exception>
    public virtual ValueTask CheckAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Releases connections and files.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases connections and files.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A capability cannot be granted, or its backend cannot be reached. The message names the resource and says what to do.</summary>
public sealed class CapabilityException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What is wrong, naming the resource.</param>
    /// <param name="resource">The name of the resource; null: all of the capability.</param>
    /// <param name="inner">The cause.</param>
    public CapabilityException(string message, string? resource = null, Exception? inner = null) : base(message, inner) => Resource = resource;

    /// <summary>The name of the resource whose settings are at fault, so that a manifest's error can name its line.</summary>
    public string? Resource { get; }
}
