using Microsoft.Extensions.Logging;
using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Reuse;
using Windhover.Hosting.Threads;
using Windhover.Wasi;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.P2;
using Windhover.Wasi.P3;

namespace Windhover.Hosting.Apps;

/// <summary>A component that is served: loaded, linked, with its grants and limits. Each request of a 0.2 component runs in an instance of its own, those of a 0.3 service share some.</summary>
public sealed class ComponentApp : IDisposable
{
    private readonly Component _component;
    private readonly ComponentParts _parts;
    private bool _disposed;
    private readonly ComponentApp? _next;

    internal ComponentApp(
        ComponentHost host,
        string name,
        Component component,
        ComponentParts parts,
        PreparedComponent prepared,
        IncomingHandler? handler,
        HttpService? service,
        ComponentApp? next,
        WasiOptions wasi,
        CapabilityGrant[] grants,
        ComponentOptions options,
        ILogger logger,
        TimeProvider time)
    {
        Host = host;
        Name = name;
        _component = component;
        _parts = parts;
        Prepared = prepared;
        Handler = handler;
        Service = service;
        _next = next;
        Next = next is null ? null : new HttpNext(next.Service!, next.Services!.LeaseAsync);
        Wasi = wasi;
        Grants = grants;
        Options = options;
        Logger = logger;
        Time = time;
        Meter = wasi.Meter!;
        Memory = new MemoryPlan(prepared.MemoryNeeds, options.Budget.MemoryPerInstance, host.Engine.Options);
        Admission = new Admission(Meter);
        Refusals = new Refusals(host.Neighbours, time);
        BudgetMetrics.Show(Meter);
        Services = service is null ? null : new ServicePool(this);
    }

    /// <summary>The name in logs and errors.</summary>
    public string Name { get; }

    internal ComponentHost Host { get; }

    internal PreparedComponent Prepared { get; }

    /// <summary>The handler of a 0.2 component; each request in an instance of its own.</summary>
    internal IncomingHandler? Handler { get; }

    /// <summary>The handler of a 0.3 service, which is preferred.</summary>
    internal HttpService? Service { get; }

    /// <summary>The instances of a 0.3 service.</summary>
    internal ServicePool? Services { get; }

    /// <summary>Whether instances of a 0.3 service live, its own or of what stands behind it: their memory may hold what was made by earlier requests.</summary>
    internal bool HasInstances => Services is { Count: > 0 } || _next is { HasInstances: true };

    /// <summary>What a middleware component calls.</summary>
    internal HttpNext? Next { get; }

    internal WasiOptions Wasi { get; }

    internal CapabilityGrant[] Grants { get; }

    internal ComponentOptions Options { get; }

    /// <summary>What the app uses, and has used, of its budget.</summary>
    public BudgetMeter Meter { get; }

    internal MemoryPlan Memory { get; }

    internal Admission Admission { get; }

    internal Refusals Refusals { get; }

    internal ILogger Logger { get; }

    internal TimeProvider Time { get; }

    internal BlockingHistory History { get; } = new();

    internal ComputeShare Computing { get; } = new();

    internal PoolTurns Turns { get; } = new();

    /// <summary>A fresh instance of it and of what its imports come from.</summary>
    internal ComponentInstance Instantiate(Store store, GuestContext guest) => _parts.Instantiate(Prepared, store, guest);

    /// <summary>Frees the component's code and closes its directories. No request may run any more.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        Host.Forget(this);
        Admission.Dispose();
        BudgetMetrics.Hide(Meter);
        Services?.Dispose();
        _next?.Dispose();
        Prepared.Dispose();
        _parts.Dispose();
        _component.Dispose();
        foreach (DirectoryGrant directory in Wasi.Directories)
            directory.Dispose();
        CapabilitySet.Dispose(Grants);
    }
}
