using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Windhover.Plugins;

/// <summary>Plug-ins as services.</summary>
public static class PluginServices
{
    /// <summary>
    /// Adds a plug-in. What it imports are ordinary services: <c>services.AddScoped&lt;ICatalog, Catalog&gt;()</c>. Registered are
    /// <typeparamref name="TPlugin"/> (scoped: an instance per scope, given back at its end) and its <see cref="PluginPool{TPlugin}"/> (singleton: to rent and to
    /// swap). A single-use instance's imports come from the scope that asks for it; those of an instance that is used again from a scope of its own.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The component's file, loaded when it is first needed. <c>GetRequiredService&lt;PluginPool&lt;TPlugin&gt;&gt;()</c> at start shows a bad one at once.</param>
    /// <param name="configure">Grants and budget; by default nothing is granted.</param>
    public static IServiceCollection AddPlugin<TPlugin>(this IServiceCollection services, string path, Action<PluginOptions>? configure = null)
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(path);
        services.AddPluginHost();
        var options = new PluginOptions();
        configure?.Invoke(options);
        services.AddSingleton(provider => new PluginPool<TPlugin>(
            provider.GetRequiredService<PluginHost>().Load(path), () => OwnScope<TPlugin>(provider), options));
        services.AddScoped(provider =>
        {
            var pool = provider.GetRequiredService<PluginPool<TPlugin>>();
            return options.Pool.MaxUses > 1 ? pool.Rent() : pool.Rent(() => new PluginImports(TPlugin.ResolveImports(provider), null));
        });
        return services;
    }

    /// <summary>Adds the host that loads plug-ins; <see cref="AddPlugin"/> does so too.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options.</param>
    public static IServiceCollection AddPluginHost(this IServiceCollection services, Func<PluginHostOptions, PluginHostOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider =>
        {
            var options = new PluginHostOptions
            {
                Time = provider.GetService<TimeProvider>() ?? TimeProvider.System,
            };
            return new PluginHost(configure?.Invoke(options) ?? options);
        });
        return services;
    }

    private static PluginImports OwnScope<TPlugin>(IServiceProvider provider)
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        IServiceScope scope = provider.CreateScope();
        try
        {
            return new PluginImports(TPlugin.ResolveImports(scope.ServiceProvider), scope);
        }
        catch
        {
            scope.Dispose();
            throw;
        }
    }
}
