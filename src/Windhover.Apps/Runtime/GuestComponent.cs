using Windhover.Components.Binary;
using Windhover.Components.Compilation;
using Windhover.Components.Linking;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Threads;
using Windhover.Wasi;
using Windhover.Wasi.Filesystem;

namespace Windhover.Apps.Runtime;

/// <summary>A component that is run by its functions: as a command, as endpoints, as a handler of messages. Each run has an instance of its own.</summary>
internal sealed class GuestComponent : IDisposable
{
    private readonly Component _component;
    private readonly ComponentParts _parts;
    private readonly CapabilityGrant[] _grants;
    private readonly ComponentOptions _options;
    private readonly BlockingHistory _history = new();

    private GuestComponent(ComponentUnit unit, AppServices services, Component component, ComponentParts parts, PreparedComponent prepared, CapabilityGrant[] grants, WasiOptions wasi, ComponentOptions options)
    {
        Unit = unit;
        Services = services;
        _component = component;
        _parts = parts;
        Prepared = prepared;
        _grants = grants;
        Wasi = wasi;
        _options = options;
        Meter = wasi.Meter!;
        Memory = new MemoryPlan(prepared.MemoryNeeds, options.Budget.MemoryPerInstance, services.Host.Engine.Options);
    }

    public ComponentUnit Unit { get; }

    public AppServices Services { get; }

    public PreparedComponent Prepared { get; }

    public WasiOptions Wasi { get; }

    public IReadOnlyList<CapabilityGrant> Grants => _grants;

    public BudgetMeter Meter { get; }

    public MemoryPlan Memory { get; }

    public TimeSpan Timeout => _options.Timeout;

    public static async Task<GuestComponent> LoadAsync(ComponentUnit unit, byte[] bytes, ComponentOptions options, AppServices services)
    {
        string path = unit.Manifest.Source;
        Component? component = null;
        ComponentParts? parts = null;
        PreparedComponent? prepared = null;
        CapabilityGrant[] grants = [];
        try
        {
            component = await services.Host.CompileAsync(bytes, options, CancellationToken.None).ConfigureAwait(false);
            (parts, prepared) = await ComponentParts.LinkAsync(services.Host, path, component, options, [.. options.Imports], CancellationToken.None).ConfigureAwait(false);
            grants = services.Host.Capabilities.Grant(path, unit.LogName, options);
            parts.Grant(services.Host, unit.LogName, unit.Meter, options.Stdout, options.Stderr);
            return new GuestComponent(unit, services, component, parts, prepared, grants, ComponentLoader.Grants(services.Host, path, options, unit.Meter), options);
        }
        catch (Exception error)
        {
            CapabilitySet.Dispose(grants);
            prepared?.Dispose();
            parts?.Dispose();
            component?.Dispose();
            throw error switch
            {
                ComponentLoadException => error,
                InvalidComponentException or InvalidModuleException => new ComponentLoadException($"{path}: the component is invalid: {error.Message}", error),
                LinkException or CompileLimitException or WorkerException => new ComponentLoadException($"{path}: {error.Message}", error),
                _ => error,
            };
        }
    }

    /// <summary>
    /// Runs a fresh instance on the calling thread, which may block: a guest thread. Exceptions are the guest's; <see cref="GuestFailure.Of"/> tells them apart.
    /// </summary>
    public T Run<T>(WasiOptions wasi, object? caller, Func<ComponentInstance, GuestContext, T> run, CancellationToken aborted)
    {
        using var blocking = new RequestBlocking(_history, GuestPlace.On(Services.Host.Threads), Services.Time, Services.Time.GetTimestamp(), Timeout, aborted);
        using var guest = new GuestContext(Unit.LogName, wasi, _grants, blocking, aborted);
        guest.Caller = caller;
        using var store = new Store(Services.Host.Engine, MemoryLease.Take(Meter, Memory));
        store.SetDeadline(Timeout, aborted);
        using ComponentInstance instance = _parts.Instantiate(Prepared, store, guest);
        blocking.Instance = instance;
        return run(instance, guest);
    }

    public void Dispose()
    {
        Prepared.Dispose();
        _parts.Dispose();
        _component.Dispose();
        foreach (DirectoryGrant directory in Wasi.Directories)
            directory.Dispose();
        CapabilitySet.Dispose(_grants);
    }
}
