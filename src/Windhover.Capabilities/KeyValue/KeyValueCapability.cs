using System.Collections.Frozen;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue.Bindings;
using Windhover.Components.Linking;

namespace Windhover.Capabilities.KeyValue;

/// <summary>
/// Key-value stores: <c>wasi:keyvalue</c> in both drafts, <c>fermyon:spin/key-value</c>, <c>spin:key-value</c> and <c>wasmcloud:keyvalue</c>, all over one store. Each resource is a store by the name that guests
/// open; an empty name is that of the store <c>default</c>.
/// </summary>
public sealed class KeyValueCapability : ICapability
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
