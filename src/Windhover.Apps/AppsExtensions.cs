using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Manifest;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Apps.Services;
using Windhover.Hosting;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Messaging;
using Windhover.Wasi.Http;

namespace Windhover.Apps;

/// <summary>A folder of apps in an ASP.NET Core application. <c>windhover up</c> is this and Kestrel.</summary>
public static class AppsExtensions
{
    /// <summary>Adds the server of apps. Capabilities and message backends that are registered too are offered to its manifests.</summary>
    public static IServiceCollection AddWindhoverApps(this IServiceCollection services, Action<AppsOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new AppsOptions();
        configure(options);
        services.AddWindhover();
        services.TryAddSingleton(options);
        services.TryAddSingleton<ISecretProvider>(new FileSecrets(options.Secrets));
        services.TryAddSingleton<LogStore>();
        services.TryAddSingleton<RequestLedger>();
        services.TryAddSingleton<TraceStore>();
        services.TryAddSingleton<LoadHistory>();
        services.AddSingleton<ILoggerProvider, GuestLogProvider>();
        services.TryAddSingleton<ILocalHttp>(provider => new ServiceCalls(new Lazy<AppServer>(provider.GetRequiredService<AppServer>)));
        services.TryAddSingleton(provider => new AppServices(
            provider.GetRequiredService<ComponentHost>(),
            provider.GetRequiredService<LogStore>(),
            provider.GetRequiredService<ILoggerFactory>(),
            provider.GetRequiredService<MessageTopics>(),
            provider.GetRequiredService<TimeProvider>(),
            options,
            provider.GetRequiredService<RequestLedger>()));
        services.TryAddSingleton(provider => new AppServer(
            provider.GetRequiredService<AppServices>(),
            new ManifestContext([.. provider.GetServices<ICapability>()], provider.GetRequiredService<ISecretProvider>(), options.Data)));
        services.TryAddSingleton<AdminEndpoints>();
        services.AddHostedService<AppsHostedService>();
        return services;
    }

    /// <summary>Answers every request that reaches this point with the apps, <c>/healthz</c>, <c>/readyz</c> and <c>/_windhover</c>. Put it last.</summary>
    public static IApplicationBuilder UseWindhoverApps(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        var server = app.ApplicationServices.GetRequiredService<AppServer>();
        var admin = app.ApplicationServices.GetRequiredService<AdminEndpoints>();
        app.Run(context => admin.IsFor(context) ? admin.HandleAsync(context) : server.HandleAsync(context));
        return app;
    }
}
