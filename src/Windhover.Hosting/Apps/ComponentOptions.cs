using Windhover.Components.Compilation;
using Windhover.Engine;
using Windhover.Hosting.Capabilities;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Sockets;

namespace Windhover.Hosting.Apps;

/// <summary>What one component is granted, and how much it may use. As made by <c>new ComponentOptions()</c> it is granted nothing.</summary>
public sealed class ComponentOptions
{
    /// <summary>The name in logs and errors; null: the file's name.</summary>
    public string? Name { get; set; }

    /// <summary>Environment variables. The host's own are never passed on.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Where the guest's standard output goes; null: nowhere.</summary>
    public OutputGrant? Stdout { get; set; }

    /// <summary>Where the guest's standard error goes; null: nowhere.</summary>
    public OutputGrant? Stderr { get; set; }

    /// <summary>Directories of the host.</summary>
    public IList<DirectoryMount> Directories { get; } = [];

    /// <summary>
    /// What outgoing HTTP requests may reach: <c>host</c>, <c>host:port</c>, <c>https://host</c>, <c>*.example.org</c>, or <c>*</c>. Empty: nothing.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>What sockets and name look-ups may reach. By default nothing.</summary>
    public NetworkPolicy Network { get; set; } = NetworkPolicy.None;

    /// <summary>
    /// What is granted of each capability, by its name (<see cref="ICapability.Name"/>). A capability that is not in here refuses every call.
    /// </summary>
    public IDictionary<string, CapabilityRequest> Capabilities { get; } = new Dictionary<string, CapabilityRequest>(StringComparer.Ordinal);

    /// <summary>Components that satisfy imports of this one, each in a sandbox of its own within the same instance. What they do not provide is the host's.</summary>
    public IList<ComponentImport> Imports { get; } = [];

    /// <summary>Whether it runs in the server's process or in one of its own.</summary>
    public IsolationLevel Isolation { get; set; }

    /// <summary>How much it may use of everything: <c>docs/budgets.md</c>.</summary>
    public Budget Budget { get; set; } = Budget.Default;

    /// <summary>The tenant that the component belongs to, whose totals hold too. Null: none.</summary>
    public BudgetMeter? Tenant { get; set; }

    /// <summary>For whom a component in a process of its own calls others when it works for no request (<see cref="Isolation.Calls.ILocalHttpEndpoint"/>).</summary>
    public object? Caller { get; set; }

    /// <summary>What counts its use, where that is to outlive it; null: a meter of its own. <see cref="Tenant"/> is then above this one.</summary>
    internal BudgetMeter? Meter { get; set; }

    /// <summary>What compiling the component may take, where <see cref="WindhoverOptions.CompileOutOfProcess"/> is on.</summary>
    internal CompileLimits Compilation => new()
    {
        MaxBinaryBytes = Budget.ComponentSize,
        MaxTime = Budget.CompileTime == System.Threading.Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(1) : Budget.CompileTime,
        MaxMemoryBytes = Budget.CompileMemory,
    };

    /// <summary>Wall time that one request may take: <see cref="Budget.Wall"/>.</summary>
    public TimeSpan Timeout { get => Budget.Wall; set => Budget = Budget with { Wall = value }; }

    /// <summary>Bytes of linear memory per instance: <see cref="Budget.MemoryPerInstance"/>.</summary>
    public long MaxMemoryBytes { get => Budget.MemoryPerInstance; set => Budget = Budget with { MemoryPerInstance = value }; }

    /// <summary>Requests answered at a time: <see cref="Budget.Requests"/>.</summary>
    public int MaxConcurrentRequests { get => (int)Math.Min(int.MaxValue, Budget.Requests); set => Budget = Budget with { Requests = value }; }

    /// <summary>
    /// Requests that one instance of a <c>wasi:http/service</c> (0.3) answers in its life; then a new one takes over. 1: each request in an instance of its own, as
    /// with 0.2. What a guest keeps in memory, its later requests see.
    /// </summary>
    public int MaxRequestsPerInstance { get; set; } = 1000;

    /// <summary>Requests that one instance of a 0.3 service answers at a time, while others wait for something. More instances are made beyond.</summary>
    public int MaxConcurrentRequestsPerInstance { get; set; } = 100;

    /// <summary>How long an instance of a 0.3 service is kept without a request.</summary>
    public TimeSpan InstanceIdleTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Files of components that stand in front of a 0.3 service, the outermost first: each exports <c>wasi:http/handler</c> and imports it from the next one. They
    /// have the same grants and limits.
    /// </summary>
    public IList<string> Middleware { get; } = [];

    /// <summary>The same with grants and limits of their own; in front of those of <see cref="Middleware"/>.</summary>
    public IList<ComponentImport> MiddlewareComponents { get; } = [];
}

/// <summary>A directory of the host as a guest sees it.</summary>
/// <param name="HostPath">An existing directory.</param>
/// <param name="GuestPath">The name under which the guest sees it.</param>
/// <param name="Writable">Whether the guest may change what is in it.</param>
public sealed record DirectoryMount(string HostPath, string GuestPath, bool Writable = false);
