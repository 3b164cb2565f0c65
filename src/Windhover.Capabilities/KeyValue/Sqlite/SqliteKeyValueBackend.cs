using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Backends;

namespace Windhover.Capabilities.KeyValue.Sqlite;

/// <summary>Key-value stores in files: <c>DATA/key-value/NAME.db</c>. A store of one name is one for all components of an app.</summary>
internal sealed class SqliteKeyValueBackend(ILoggerFactory loggers, TimeProvider time) : IKeyValueBackend
{
    private readonly SharedResources<SqliteKeyValueStore> _stores = new();

    public BackendKind Kind { get; } = new("sqlite",
        new BackendOption("path", "The file; by default below the app's data directory"),
        new BackendOption("max-size", "How large the file may grow, such as 100MiB; 1GiB by default"));

    public ResourceLease<IKeyValueStore> Open(CapabilityRequest request, CapabilityResource resource)
    {
        string path = EmbeddedFiles.PathOf(request, resource, "key-value", ".db");
        long maxBytes = EmbeddedFiles.Size(resource, "max-size", 1L << 30);
        return _stores.Open<IKeyValueStore>(path, () => new SqliteKeyValueStore(
            path, maxBytes, new BackendHealth(loggers.CreateLogger<SqliteKeyValueBackend>(), $"the key-value store `{resource.Name}` of app `{request.App}`", time), time));
    }
}
