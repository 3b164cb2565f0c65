using System.Collections.Frozen;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.Blobs.Bindings;
using Windhover.Components.Linking;

namespace Windhover.Capabilities.Blobs;

/// <summary><c>wasi:blobstore@0.2.0-draft</c>. Each resource is a container by the name that guests use; only those can be created, opened and removed.</summary>
public sealed class BlobCapability : ICapability
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "blobs";

    private readonly BackendTable<IBlobBackend> _backends;

    /// <summary>Makes it over these backends, the default first.</summary>
    public BlobCapability(IEnumerable<IBlobBackend> backends) => _backends = new(CapabilityName, backends, b => b.Kind);

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends => _backends.Kinds;

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        BlobHost Host(object? state) => slot.Host<BlobHost>(state);
        BlobsWorld.Define(linker, Host, Host);
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new BlobGrant(_backends.Open(request, static (backend, request, resource) => backend.Open(request, resource)));
    }

    private sealed class BlobGrant(FrozenDictionary<string, ResourceLease<IBlobContainer>> containers) : CapabilityGrant
    {
        public override object CreateHost(GuestContext guest) => new BlobHost(containers, guest);

        public override async ValueTask CheckAsync(CancellationToken cancellationToken)
        {
            foreach ((string name, ResourceLease<IBlobContainer> container) in containers)
            {
                await BackendTable.CheckAsync(
                    $"container `{name}`", name, async cancellation => await container.Value.FindAsync(cancellation).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }
        }

        protected override void Dispose(bool disposing)
        {
            foreach (ResourceLease<IBlobContainer> container in containers.Values)
                container.Dispose();
            base.Dispose(disposing);
        }
    }
}
