using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Windhover.Capabilities.KeyValue;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.Redis;

/// <summary>Redis as a backend of capabilities.</summary>
public static class RedisExtensions
{
    /// <summary>Adds the backend <c>redis</c> to key-value stores and messaging (streams, at least once), <c>redis-channel</c> to messaging (at most once), and the capabilities themselves where they are not there yet.</summary>
    public static IServiceCollection AddWindhoverRedis(this IServiceCollection services)
    {
        services.AddWindhoverCapabilities();
        services.TryAddSingleton<RedisConnections>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyValueBackend, RedisKeyValueBackend>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageBackend, RedisMessages>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageBackend, RedisChannels>());
        return services;
    }
}
