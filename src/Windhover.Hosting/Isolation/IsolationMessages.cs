using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities;
using Windhover.Hosting.Isolation.Calls;
using Windhover.Wasi.Sockets;

namespace Windhover.Hosting.Isolation;

/// <summary>What a worker is to serve: everything of <see cref="ComponentOptions"/> and <see cref="WindhoverOptions"/> that counts in its process. Key and calls are of one life of it.</summary>
internal sealed record ServeRequest(
    string Socket,
    string Key,
    CallsOffer? Calls,
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
    TimeSpan InstanceIdleTime,
    string? Tenant,
    long[] TenantTotals)
{
    public static ServeRequest Create(string socket, string path, int length, string cacheDirectory, WindhoverOptions host, ComponentOptions options) => new(
        socket,
        "",
        null,
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
        options.InstanceIdleTime,
        options.Tenant?.Name,
        options.Tenant is null ? [] : [.. Windhover.Engine.Budget.Entries.Select(e => TenantLease.Totals(options.Tenant)[e.Kind])]);

    /// <summary>The tenant's totals, of which the worker asks for its shares; null where there are none to ask for.</summary>
    public Budget? Totals()
    {
        Budget totals = Windhover.Engine.Budget.None;
        foreach (BudgetEntry entry in Windhover.Engine.Budget.Entries)
            totals = TenantTotals.Length == 0 ? totals : totals.With(entry.Kind, TenantTotals[(int)entry.Kind]);
        return totals == Windhover.Engine.Budget.None ? null : totals;
    }

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

/// <summary>A line of a worker's: that it is ready, why it never will be, a line of its log, a share of its tenant's totals, or what its runs have cost.</summary>
internal sealed record WorkerLine(WorkerLineKind Kind, string Message = "", LogLevel Level = LogLevel.Information)
{
    public TenantShare? Share { get; init; }

    public WorkerCosts? Costs { get; init; }
}

/// <summary>A share of a tenant's total that a worker asks for, or gives back.</summary>
internal sealed record TenantShare(long Id, BudgetKind Budget, long Amount, long Least);

/// <summary>What a worker's runs have cost since it said so last, and what its app holds and has held of each budget.</summary>
internal sealed record WorkerCosts(long Runs, long CpuTicks, long MemoryTime, long BytesOut, long BytesIn, BudgetUse[] Budgets);

internal enum WorkerLineKind
{
    Ready,
    Failed,
    Log,
    Ask,
    GiveBack,
    Costs,
}

[JsonSerializable(typeof(ServeRequest))]
[JsonSerializable(typeof(WorkerLine))]
internal sealed partial class IsolationJson : JsonSerializerContext;
