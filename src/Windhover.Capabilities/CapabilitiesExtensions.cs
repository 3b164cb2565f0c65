using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Windhover.Capabilities.KeyValue;
using Windhover.Capabilities.KeyValue.Sqlite;

namespace Windhover.Capabilities;

/// <summary>Capabilities as services of an application.</summary>
public static class CapabilitiesExtensions
{
    /// <summary>
    /// Adds the capabilities of this package with their embedded backends: <c>key-value</c>. What an app may use of them its grants say
    /// (<see cref="Hosting.Apps.ComponentOptions.Capabilities"/>). May be called more than once.
    /// </summary>
    public static IServiceCollection AddWindhoverCapabilities(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, KeyValueCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IKeyValueBackend, SqliteKeyValueBackend>());
        return services;
    }
}
