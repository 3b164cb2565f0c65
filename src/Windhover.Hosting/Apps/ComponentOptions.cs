using Windhover.Components.Compilation;
using Windhover.Hosting.Capabilities;
using Windhover.Wasi.Sockets;

namespace Windhover.Hosting.Apps;

/// <summary>What one component is granted, and how much it may use. As made by <c>new ComponentOptions()</c> it is granted nothing.</summary>
public sealed class ComponentOptions
{
    /// <summary>The name in logs and errors; null: the file's name.</summary>
    public string? Name { get; set; }

    /// <summary>Environment variables. The host's own are never passed on.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

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

    /// <summary>Whether it runs in the server's process or in one of its own.</summary>
    public IsolationLevel Isolation { get; set; }

    /// <summary>What compiling the component may take, where <see cref="WindhoverOptions.CompileOutOfProcess"/> is on.</summary>
    public CompileLimits Compilation { get; set; } = new();

    /// <summary>Wall time that one request may take. Beyond: 504.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes of linear memory per instance. Beyond: <c>memory.grow</c> answers -1.</summary>
    public long MaxMemoryBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Bytes that the content of one request may have; null: no limit. It streams through the guest, whose memory is limited anyway. Beyond: the guest's
    /// reading fails.
    /// </summary>
    public long? MaxRequestBodyBytes { get; set; }

    /// <summary>Requests answered at a time. Beyond: 503 with Retry-After.</summary>
    public int MaxConcurrentRequests { get; set; } = 1000;
}

/// <summary>A directory of the host as a guest sees it.</summary>
/// <param name="HostPath">An existing directory.</param>
/// <param name="GuestPath">The name under which the guest sees it.</param>
/// <param name="Writable">Whether the guest may change what is in it.</param>
public sealed record DirectoryMount(string HostPath, string GuestPath, bool Writable = false);
