using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Capabilities.Config;
using Windhover.Hosting.Capabilities.Otel;
using Windhover.Hosting.Http;
using Windhover.Hosting.Isolation;
using Windhover.Hosting.Messaging;
using Windhover.Wasi.Http;

namespace Windhover.Hosting;

/// <summary>WebAssembly components in an ASP.NET Core application.</summary>
public static class WindhoverExtensions
{
    /// <summary>Adds the engine and what it needs. Once per application.</summary>
    public static IServiceCollection AddWindhover(this IServiceCollection services, Action<WindhoverOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddGuestHttpClient();
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpForwarder();
        services.TryAddSingleton<ComponentHost>();
        services.PostConfigure<KestrelServerOptions>(HeaderBytes.ConfigureResponses);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, ConfigCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ICapability, OtelCapability>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IMessageBackend, MemoryMessages>());
        services.TryAddSingleton<MessageTopics>();
        if (configure is not null)
            services.Configure(configure);
        return services;
    }

    /// <summary>
    /// Answers requests that match a route with a component that exports <c>wasi:http/incoming-handler</c>. The component is loaded here, so that
    /// a bad one stops the application at start.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The route, for example <c>/{**path}</c>. The guest sees the whole path.</param>
    /// <param name="path">The component's file.</param>
    /// <param name="configure">Grants and limits; by default nothing is granted.</param>
    /// <exception cref="ComponentLoadException">The component cannot be served.</exception>
    public static IEndpointConventionBuilder MapComponent(
        this IEndpointRouteBuilder endpoints,
        [StringSyntax("Route")] string pattern,
        string path,
        Action<ComponentOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var options = new ComponentOptions();
        configure?.Invoke(options);
        ComponentHost host = endpoints.ServiceProvider.GetRequiredService<ComponentHost>();
        return options.Isolation == IsolationLevel.Process
            ? endpoints.MapComponent(pattern, host.LoadIsolated(path, options))
            : endpoints.MapComponent(pattern, host.Load(path, options));
    }

    /// <summary>Answers requests that match a route with a component that runs in a process of its own.</summary>
    public static IEndpointConventionBuilder MapComponent(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, IsolatedApp app)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(app);
        RequestDelegate handler = app.InvokeAsync;
        return endpoints.Map(pattern, handler).WithDisplayName($"{app.Name} ({pattern})");
    }

    /// <summary>Answers requests that match a route with an app that was loaded before.</summary>
    public static IEndpointConventionBuilder MapComponent(
        this IEndpointRouteBuilder endpoints, [StringSyntax("Route")] string pattern, ComponentApp app)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(app);
        RequestDelegate handler = new ComponentEndpoint(app).InvokeAsync;
        return endpoints.Map(pattern, handler).WithDisplayName($"{app.Name} ({pattern})");
    }
}
