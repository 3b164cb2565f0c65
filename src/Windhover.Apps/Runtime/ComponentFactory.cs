using Windhover.Apps.Commands;
using Windhover.Apps.Functions;
using Windhover.Apps.Manifest;
using Windhover.Apps.Services;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Http;
using Windhover.Hosting.Isolation;

namespace Windhover.Apps.Runtime;

/// <summary>From a manifest's component to one that runs, by what it is.</summary>
internal static class ComponentFactory
{
    /// <exception cref="ComponentLoadException">The file is not what the manifest says, or does not fit this server.</exception>
    public static async Task<LoadedComponent> LoadAsync(ComponentUnit unit, AppServices services)
    {
        ComponentManifest manifest = unit.Manifest;
        ComponentKind kind = ComponentKind.Read(manifest);
        kind.Check(manifest);
        byte[] bytes = kind.Bytes;
        ComponentOptions options = Options(unit, services);
        options.Meter = unit.Meter;
        AddOthers(unit, options, services, []);
        if (kind.IsCore)
            return LoadCore(unit, bytes, options, services);
        if (kind.IsHandler && options.Isolation == IsolationLevel.Process)
        {
            IsolatedApp app = await services.Host.LoadIsolatedAsync(manifest.Source, bytes, options).ConfigureAwait(false);
            return new LoadedComponent { Isolated = app, Endpoint = app.InvokeAsync };
        }

        if (kind.IsHandler)
        {
            ComponentApp app = await services.Host.LoadAsync(manifest.Source, bytes, options).ConfigureAwait(false);
            GuestComponent? watcher = IsWatcher(unit, kind, services) ? await LoadWatcherAsync(app, unit, bytes, options, services).ConfigureAwait(false) : null;
            var loaded = new LoadedComponent { Http = app, Endpoint = new ComponentEndpoint(app).InvokeAsync, Guest = watcher };
            return watcher is null ? loaded : loaded.Owning(watcher);
        }

        GuestComponent guest = await GuestComponent.LoadAsync(unit, bytes, options, services).ConfigureAwait(false);
        return new LoadedComponent
        {
            Guest = guest,
            Command = ComponentCommand.Find(guest),
            Functions = ComponentFunctions.Find(guest),
        }.Owning(guest);
    }

    // One that answers requests and is told of changes is loaded a second time for those: its runs are not requests. The code is mapped from the cache; the stores are shared.
    private static bool IsWatcher(ComponentUnit unit, ComponentKind kind, AppServices services) =>
        unit.App.Manifest.Watches.Any(w => w.Component == unit.Manifest.Name) && services.Watches is { } watches && kind.Exports(watches.WatcherInterfaces);

    private static async Task<GuestComponent> LoadWatcherAsync(ComponentApp app, ComponentUnit unit, byte[] bytes, ComponentOptions options, AppServices services)
    {
        try
        {
            return await GuestComponent.LoadAsync(unit, bytes, options, services).ConfigureAwait(false);
        }
        catch
        {
            app.Dispose();
            throw;
        }
    }

    private static LoadedComponent LoadCore(ComponentUnit unit, byte[] bytes, ComponentOptions options, AppServices services)
    {
        CoreGuest core = CoreGuest.Load(unit, bytes, options, services);
        return new LoadedComponent { Command = CoreCommand.Find(core), Functions = CoreFunctions.Find(core) }.Owning(core);
    }

    private static ComponentOptions Options(ComponentUnit unit, AppServices services)
    {
        ComponentManifest manifest = unit.Manifest;
        var options = new ComponentOptions
        {
            Name = unit.LogName,
            Budget = manifest.Budget,
            Isolation = manifest.Run.Isolation,
            Tenant = unit.App.Meter, // The app's totals hold over its components', and the tenant's over those.
            Network = manifest.Network.Count == 0 ? Wasi.Sockets.NetworkPolicy.None : Wasi.Sockets.NetworkPolicy.Allow(manifest.Network),
            Caller = new CallChain(unit.App.Name, manifest.Name, null),
            Stdout = services.Logs.Output(unit.App.Name, manifest.Name, "stdout"),
            Stderr = services.Logs.Output(unit.App.Name, manifest.Name, "stderr"),
        };
        if (manifest.Run.Reuse is { } reuse)
        {
            options.MaxRequestsPerInstance = reuse.Requests;
            options.MaxConcurrentRequestsPerInstance = reuse.Concurrent;
            options.InstanceIdleTime = reuse.Idle;
        }

        foreach ((string name, string value) in manifest.Environment)
            options.Environment[name] = value;
        foreach (string host in manifest.AllowedHosts)
            options.AllowedHosts.Add(host);
        foreach (DirectoryGrantManifest directory in manifest.Directories)
            options.Directories.Add(new DirectoryMount(directory.Host, directory.Guest, directory.Writable));
        foreach ((string name, CapabilityRequest request) in manifest.Capabilities)
            options.Capabilities[name] = request;
        return options;
    }

    // What its imports come from, and what stands in front of it. Each of them once, however many import from it; the manifest has no circles.
    private static void AddOthers(ComponentUnit unit, ComponentOptions options, AppServices services, Dictionary<string, ComponentImport> made)
    {
        foreach (IGrouping<string, ImportManifest> from in unit.Manifest.Imports.GroupBy(i => i.Component))
        {
            string[] interfaces = [.. from.Select(i => i.Interface).OfType<string>()];
            options.Imports.Add(Other(from.Key, unit, services, made, interfaces));
        }

        foreach ((string component, _) in unit.Manifest.Middleware)
            options.MiddlewareComponents.Add(Other(component, unit, services, [], []));
    }

    private static ComponentImport Other(string component, ComponentUnit unit, AppServices services, Dictionary<string, ComponentImport> made, string[] interfaces)
    {
        ComponentUnit other = unit.App.Unit(component);
        if (!made.TryGetValue(component, out ComponentImport? import))
        {
            ComponentOptions options = Options(other, services);
            AddOthers(other, options, services, made);
            made.Add(component, import = new ComponentImport(other.Manifest.Source, options, interfaces) { Bytes = ComponentKind.Read(other.Manifest).Bytes });
        }

        return import.For(interfaces);
    }
}
