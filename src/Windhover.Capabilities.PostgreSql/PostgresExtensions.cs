using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Windhover.Hosting.Messaging;

namespace Windhover.Capabilities.PostgreSql;

/// <summary>PostgreSQL as a capability, and as a backend of others.</summary>
public static class PostgresExtensions
{
    /// <summary>Adds the capability <c>postgres</c>, the backend <c>postgres</c> of messaging, and the capabilities of Windhover.Capabilities.</summary>
    public static IServiceCollection AddWindhoverPostgreSql(this IServiceCollection services)
    {
        services.AddWindhoverCapabilities();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, PostgresCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageBackend, PostgresMessages>());
        return services;
    }
}
