using Windhover.Engine;
using Windhover.Hosting.Apps;

namespace Windhover.Apps.Runtime;

/// <summary>A core module on WASI 0.1, with its imports resolved. Each run has an instance of its own.</summary>
internal sealed class CoreGuest : IDisposable
{
    private const string Wasi = "wasi_snapshot_preview1";

    private readonly Linker _linker;
    private readonly InstancePre _prepared;

    private CoreGuest(ComponentUnit unit, AppServices services, Module module, Linker linker, InstancePre prepared, MemoryPlan memory, ComponentOptions options)
    {
        Unit = unit;
        Services = services;
        Module = module;
        _linker = linker;
        _prepared = prepared;
        Options = options;
        Meter = unit.Meter;
        Memory = memory;
        Directories = [.. options.Directories.Select(d => new WasiDirectory(d.HostPath, d.GuestPath, d.Writable))];
    }

    public ComponentUnit Unit { get; }

    public AppServices Services { get; }

    public Module Module { get; }

    public ComponentOptions Options { get; }

    public BudgetMeter Meter { get; }

    public MemoryPlan Memory { get; }

    public IReadOnlyList<WasiDirectory> Directories { get; }

    public static CoreGuest Load(ComponentUnit unit, byte[] bytes, ComponentOptions options, AppServices services)
    {
        string path = unit.Manifest.Source;
        Module? module = null;
        Linker? linker = null;
        try
        {
            module = services.Host.Cache is { } cache ? cache.GetOrCompile(services.Host.Engine, bytes) : Module.Compile(services.Host.Engine, bytes);
            string[] foreign = [.. module.Imports.Where(i => i.Module != Wasi).Select(i => $"`{i.Module}` `{i.Name}`").Take(5)];
            if (foreign.Length > 0)
                throw new ComponentLoadException($"{path}: the module imports {string.Join(", ", foreign)}; for core modules there is WASI 0.1 (`{Wasi}`) and nothing else.");
            if (options.AllowedHosts.Count > 0 || options.Capabilities.Count > 0)
                throw new ComponentLoadException($"{path}: is a core module: WASI 0.1 has neither HTTP nor capabilities, so `allow-hosts` and capabilities are for components.");
            linker = new Linker(services.Host.Engine);
            linker.DefineWasiPreview1();
            return new CoreGuest(unit, services, module, linker, linker.Prepare(module), new MemoryPlan(MemoryNeeds.Read(bytes), options.Budget.MemoryPerInstance, services.Host.Engine.Options), options);
        }
        catch (Exception error)
        {
            linker?.Dispose();
            module?.Dispose();
            throw error switch
            {
                InvalidModuleException => new ComponentLoadException($"{path}: the module is invalid: {error.Message}", error),
                ModuleLinkException => new ComponentLoadException($"{path}: {error.Message}", error),
                _ => error,
            };
        }
    }

    /// <summary>A store with the limits, the deadline running.</summary>
    public Store CreateStore(WasiPreview1Config config, CancellationToken aborted)
    {
        var store = new Store(Services.Host.Engine, MemoryLease.Take(Meter, Memory));
        try
        {
            store.SetWasi(config);
            store.SetDeadline(Options.Timeout, aborted);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    public Instance Instantiate(Store store) => _prepared.Instantiate(store);

    public void Dispose()
    {
        _prepared.Dispose();
        _linker.Dispose();
        Module.Dispose();
    }
}
