using System.Collections.Frozen;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings;
using Windhover.Capabilities.KeyValue.Watching;
using Windhover.Components.Linking;
using Windhover.Hosting.Watching;

namespace Windhover.Capabilities.KeyValue;

/// <summary>
/// Key-value stores: <c>wasi:keyvalue</c> in both drafts, <c>fermyon:spin/key-value</c>, <c>spin:key-value</c> and <c>wasmcloud:keyvalue</c>, all over one store. Each resource is a store by the name that guests
/// open; an empty name is that of the store <c>default</c>.
/// </summary>
public sealed class KeyValueCapability : IWatchCapability
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "key-value";

    private readonly BackendTable<IKeyValueBackend> _backends;

    /// <summary>Makes it over these backends, the default first.</summary>
    public KeyValueCapability(IEnumerable<IKeyValueBackend> backends) => _backends = new(CapabilityName, backends, b => b.Kind);

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends => _backends.Kinds;

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        KeyValueHost Host(object? state) => slot.Host<KeyValueHost>(state);
        WasmcloudKeyValue Wasmcloud(object? state) => Host(state).Wasmcloud;
        KeyValueWorld.Define(linker, Host, Host, Host, Host, Host, Host, Host, Host, Wasmcloud, Wasmcloud, Wasmcloud, Wasmcloud);
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new KeyValueGrant(_backends.Open(request, static (backend, request, resource) => backend.Open(request, resource)));
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> WatcherInterfaces => WatcherBinding.Interfaces;

    /// <inheritdoc/>
    public ChangeHandling? FindWatcher(PreparedComponent component) => WatcherBinding.TryBind(component);

    /// <inheritdoc/>
    public IWatchedResource Watch(CapabilityRequest request, CapabilityResource resource, IChangeListener listener)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(resource);
        ArgumentNullException.ThrowIfNull(listener);
        ResourceLease<IKeyValueStore> lease = _backends.Open(request with { Resources = [resource] }, static (backend, request, resource) => backend.Open(request, resource))[resource.Name];
        try
        {
            return new WatchedStore(resource, lease, listener);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private sealed class KeyValueGrant(FrozenDictionary<string, ResourceLease<IKeyValueStore>> stores) : CapabilityGrant
    {
        public override object CreateHost(GuestContext guest) => new KeyValueHost(stores, guest);

        public override async ValueTask CheckAsync(CancellationToken cancellationToken)
        {
            foreach ((string name, ResourceLease<IKeyValueStore> store) in stores)
                await BackendTable.CheckAsync($"key-value store `{name}`", name, store.Value.CheckAsync, cancellationToken).ConfigureAwait(false);
        }

        protected override void Dispose(bool disposing)
        {
            foreach (ResourceLease<IKeyValueStore> store in stores.Values)
                store.Dispose();
            base.Dispose(disposing);
        }
    }
}
