using Microsoft.Extensions.Logging;
using Windhover.Capabilities.Backends;
using Windhover.Capabilities.KeyValue;

namespace Windhover.Capabilities.Redis;

/// <summary>Key-value stores in Redis.</summary>
internal sealed class RedisKeyValueBackend(RedisConnections connections, ILoggerFactory loggers, TimeProvider time) : IKeyValueBackend
{
    public BackendKind Kind { get; } = new("redis",
        RedisConnections.Url,
        new BackendOption("prefix", "What every key begins with in Redis; by default APP:STORE:"));

    public ResourceLease<IKeyValueStore> Open(CapabilityRequest request, CapabilityResource resource)
    {
        ResourceLease<RedisConnection> connection = connections.Open(resource);
        var health = new BackendHealth(
            loggers.CreateLogger<RedisKeyValueBackend>(), $"Redis, for the key-value store `{resource.Name}` of app `{request.App}`,", time);
        return new ResourceLease<IKeyValueStore>(
            new RedisKeyValueStore(connection.Value, resource["prefix"] ?? $"{request.App}:{resource.Name}:", health), connection.Dispose);
    }
}
