using System.ComponentModel;

namespace Windhover.Plugins;

/// <summary>What generated code calls to make plug-ins; not for people.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class PluginFactory
{
    /// <summary>Makes a plug-in of a component with given imports.</summary>
    public static TPlugin Instantiate<TPlugin>(PluginComponent component, object? imports, PluginOptions? options)
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        ArgumentNullException.ThrowIfNull(component);
        return component.Instantiate<TPlugin>(imports, options);
    }

    /// <summary>An implementation of an imported interface out of services.</summary>
    public static T Resolve<T>(IServiceProvider services, string name)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(services);
        return services.GetService(typeof(T)) as T
            ?? throw new InvalidOperationException(
                $"The plug-in imports `{name}`, and no service of type {typeof(T)} is registered: services.AddScoped<{typeof(T).Name}, …>().");
    }
}
