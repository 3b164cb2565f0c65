using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Windhover.Capabilities.Blobs;
using Windhover.Capabilities.Blobs.Files;
using Windhover.Capabilities.KeyValue;
using Windhover.Capabilities.KeyValue.Sqlite;
using Windhover.Capabilities.Logging;
using Windhover.Capabilities.Messaging;
using Windhover.Capabilities.Sqlite;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities;

/// <summary>Capabilities as services of an application.</summary>
public static class CapabilitiesExtensions
{
    /// <summary>
    /// Adds the capabilities of this package with their embedded backends: <c>key-value</c>, <c>sql</c>, <c>blobs</c>, <c>messaging</c>, <c>logging</c>. What an app may use of them its grants say
    /// (<see cref="Hosting.Apps.ComponentOptions.Capabilities"/>). May be called more than once.
    /// </summary>
    public static IServiceCollection AddWindhoverCapabilities(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, KeyValueCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, SqliteCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, MessagingCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, BlobCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IBlobBackend, FileBlobBackend>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, LoggingCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageBackend, MemoryMessages>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageHandlers, MessageHandlers>());
        services.TryAddSingleton<MessageTopics>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyValueBackend, SqliteKeyValueBackend>());
        return services;
    }
}
