using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Wasi.Sockets;

namespace Windhover.Hosting.Isolation;

/// <summary>What a worker is to serve: everything of <see cref="ComponentOptions"/> and <see cref="WindhoverOptions"/> that counts in its process.</summary>
internal sealed record ServeRequest(
    string Socket,
    string Path,
    int Length,
    EngineOptions EngineOptions,
    string CacheDirectory,
    int MaxWaitingGuests,
    int MaxQueuedGuests,
    string? Name,
    Dictionary<string, string> Environment,
    DirectoryMount[] Directories,
    string[] AllowedHosts,
    string[] NetworkRules,
    Dictionary<string, CapabilityRequest> Capabilities,
    string Budget,
    int MaxRequestsPerInstance,
    int MaxConcurrentRequestsPerInstance,
    TimeSpan InstanceIdleTime)
{
    public static ServeRequest Create(string socket, string path, int length, string cacheDirectory, WindhoverOptions host, ComponentOptions options) => new(
        socket,
        path,
        length,
        host.Engine,
        cacheDirectory,
        host.MaxWaitingGuests,
        host.MaxQueuedGuests,
        options.Name,
        new Dictionary<string, string>(options.Environment),
        [.. options.Directories],
        [.. options.AllowedHosts],
        [.. options.Network.Lines],
        new Dictionary<string, CapabilityRequest>(options.Capabilities),
        options.Budget.ToString(),
        options.MaxRequestsPerInstance,
        options.MaxConcurrentRequestsPerInstance,
        options.InstanceIdleTime);

    public void CopyTo(ComponentOptions options)
    {
        options.Name = Name;
        foreach ((string name, string value) in Environment)
            options.Environment[name] = value;
        foreach (DirectoryMount directory in Directories)
            options.Directories.Add(directory);
        foreach (string host in AllowedHosts)
            options.AllowedHosts.Add(host);
        options.Network = NetworkPolicy.Allow(NetworkRules);
        foreach ((string name, CapabilityRequest request) in Capabilities)
            options.Capabilities[name] = request;
        options.Budget = Budget.Length == 0 ? Windhover.Engine.Budget.Default : Windhover.Engine.Budget.Parse(Budget);
        options.MaxRequestsPerInstance = MaxRequestsPerInstance;
        options.MaxConcurrentRequestsPerInstance = MaxConcurrentRequestsPerInstance;
        options.InstanceIdleTime = InstanceIdleTime;
    }
}

/// <summary>A line of a worker's: that it is ready, why it never will be, or a line of its log.</summary>
internal sealed record WorkerLine(WorkerLineKind Kind, string Message = "", LogLevel Level = LogLevel.Information);

internal enum WorkerLineKind
{
    Ready,
    Failed,
    Log,
}

[JsonSerializable(typeof(ServeRequest))]
[JsonSerializable(typeof(WorkerLine))]
internal sealed partial class IsolationJson : JsonSerializerContext;
