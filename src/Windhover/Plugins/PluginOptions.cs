using Windhover.Engine;
using Windhover.Wasi;
using Windhover.Wasi.Cli;
using Windhover.Wasi.Filesystem;
using Windhover.Wasi.Sockets;

namespace Windhover.Plugins;

/// <summary>
/// What one plug-in is granted beside its world's imports, and how much it may use. As made by <c>new PluginOptions()</c> it is granted nothing
/// but clocks and random numbers. Do not change it once a plug-in was made with it.
/// </summary>
public sealed class PluginOptions
{
    internal static readonly PluginOptions Default = new();

    private StoreLimits? _limits;
    private WasiOptions? _wasi;

    /// <summary>
    /// How much it may use. Held of it here: <see cref="Engine.Budget.Wall"/> per call, <see cref="Engine.Budget.MemoryPerInstance"/>, and per instance
    /// <see cref="Engine.Budget.Files"/>, <see cref="Engine.Budget.Connections"/>, <see cref="Engine.Budget.OutboundRequests"/> and
    /// <see cref="Engine.Budget.Headers"/>.
    /// </summary>
    public Budget Budget { get; set; } = Budget.Default with { Wall = TimeSpan.FromSeconds(30), MemoryPerInstance = 256L << 20 };

    /// <summary>Wall time that one call may take, in the plug-in's code and in its waiting. Null: no limit. Default: 30 s. The budget's <c>Wall</c>.</summary>
    public TimeSpan? CallTimeout
    {
        get => Budget.Wall == Timeout.InfiniteTimeSpan ? null : Budget.Wall;
        set => Budget = Budget with { Wall = value ?? Timeout.InfiniteTimeSpan };
    }

    /// <summary>Bytes of linear memory of one instance. Beyond: <c>memory.grow</c> answers -1. Default: 256 MiB. The budget's <c>MemoryPerInstance</c>.</summary>
    public long MaxMemoryBytes
    {
        get => Budget.MemoryPerInstance;
        set => Budget = Budget with { MemoryPerInstance = value };
    }

    /// <summary>Fuel of each call (one unit is about one instruction), on an engine with <see cref="EngineOptions.Fuel"/>; null: no limit.</summary>
    public ulong? Fuel { get; set; }

    /// <summary>Environment variables. The host's own are never passed on.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Directories of the host: opened when the first instance is made.</summary>
    public IList<PluginDirectoryGrant> Directories { get; } = [];

    /// <summary>
    /// What outgoing HTTP requests may reach: <c>host</c>, <c>host:port</c>, <c>https://host</c>, <c>*.example.org</c>, or <c>*</c>. Empty: nothing.
    /// </summary>
    public IList<string> AllowedHosts { get; } = [];

    /// <summary>What sockets and name look-ups may reach. By default nothing.</summary>
    public NetworkPolicy Network { get; set; } = NetworkPolicy.None;

    /// <summary>Standard output.</summary>
    public OutputGrant Stdout { get; set; } = OutputGrant.None;

    /// <summary>Standard error.</summary>
    public OutputGrant Stderr { get; set; } = OutputGrant.None;

    /// <summary>How many instances a pool holds ready, and how many may be in use at a time. Default: as many as processors, at most 1,000 in use.</summary>
    public PluginPoolOptions Pool { get; set; } = new();

    internal StoreLimits Limits => _limits ??= new StoreLimits { MaxMemoryBytes = MaxMemoryBytes };

    /// <summary>The grants in WASI's terms, made once.</summary>
    internal WasiOptions Wasi(PluginHost host)
    {
        if (_wasi is { } made)
            return made;
        lock (this)
            return _wasi ??= Make(host);
    }

    private WasiOptions Make(PluginHost host) => new()
    {
        Environment = [.. Environment],
        Directories = [.. Directories.Select(d => DirectoryGrant.Open(d.HostPath, d.GuestPath, d.Writable))],
        Network = Network,
        Stdout = Stdout,
        Stderr = Stderr,
        Time = host.Time,
        Budget = Budget,
        OutgoingHttp = AllowedHosts.Count == 0 ? null : host.Http(AllowedHosts),
    };
}

/// <summary>A directory of the host as a plug-in sees it.</summary>
/// <param name="HostPath">An existing directory.</param>
/// <param name="GuestPath">The name under which the plug-in sees it.</param>
/// <param name="Writable">Whether the plug-in may change what is in it.</param>
public sealed record PluginDirectoryGrant(string HostPath, string GuestPath, bool Writable = false);

/// <summary>How a pool keeps instances.</summary>
public sealed record PluginPoolOptions
{
    /// <summary>
    /// How often one instance may be handed out. 1: single use, nothing of one user's is left for the next (the default). More: quicker by the
    /// instantiation (6–10 µs), and whatever the plug-in keeps in its memory stays for the next user.
    /// </summary>
    public int MaxUses { get; init; } = 1;

    /// <summary>Instances that are kept ready at most, when <see cref="MaxUses"/> is above 1.</summary>
    public int MaxIdle { get; init; } = Environment.ProcessorCount;

    /// <summary>Instances in use at a time. Beyond, <c>RentAsync</c> waits and <c>Rent</c> refuses.</summary>
    public int MaxInUse { get; init; } = 1000;
}
