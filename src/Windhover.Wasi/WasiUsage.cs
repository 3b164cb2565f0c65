namespace Windhover.Wasi;

/// <summary>What of the host a guest can hold on to.</summary>
internal enum UsageKind
{
    /// <summary>Open files, directories and directory listings.</summary>
    Descriptor,

    /// <summary>TCP and UDP sockets.</summary>
    Socket,

    /// <summary>Outgoing HTTP requests that have not been answered and read to the end.</summary>
    OutgoingRequest,
}

/// <summary>
/// What one guest holds of the host at the moment, against what it may hold. One place, so that a leak in a guest ends in an ordinary
/// error of that guest instead of a host without file descriptors. Used from the guest's thread and from completions.
/// </summary>
internal sealed class WasiUsage(WasiLimits limits)
{
    private int _descriptors;
    private int _sockets;
    private int _requests;

    /// <summary>Counts one more, if the limit allows.</summary>
    public bool TryOpen(UsageKind kind)
    {
        var (count, limit) = (Count(kind), Limit(kind));
        if (count < limit && Interlocked.Increment(ref Counter(kind)) <= limit)
            return true;
        if (count < limit)
            Interlocked.Decrement(ref Counter(kind));
        return false;
    }

    /// <summary>Counts one fewer.</summary>
    public void Closed(UsageKind kind) => Interlocked.Decrement(ref Counter(kind));

    /// <summary>How many are open.</summary>
    public int Count(UsageKind kind) => Volatile.Read(ref Counter(kind));

    private int Limit(UsageKind kind) => kind switch
    {
        UsageKind.Descriptor => limits.OpenDescriptors,
        UsageKind.Socket => limits.OpenSockets,
        _ => limits.OutgoingRequests,
    };

    private ref int Counter(UsageKind kind)
    {
        switch (kind)
        {
            case UsageKind.Descriptor:
                return ref _descriptors;
            case UsageKind.Socket:
                return ref _sockets;
            default:
                return ref _requests;
        }
    }
}

/// <summary>How much of the host one guest may hold at a time.</summary>
public sealed record WasiLimits
{
    /// <summary>Open files, directories and directory listings. Beyond: <c>insufficient-memory</c>.</summary>
    public int OpenDescriptors { get; init; } = 1024;

    /// <summary>TCP and UDP sockets. Beyond: <c>new-socket-limit</c>.</summary>
    public int OpenSockets { get; init; } = 256;

    /// <summary>Outgoing HTTP requests under way. Beyond: <c>connection-limit-reached</c>.</summary>
    public int OutgoingRequests { get; init; } = 64;

    /// <summary>Bytes of names and values in one set of HTTP fields, with 32 bytes more for each field. Beyond: an error, or a trap where WIT has none.</summary>
    public int FieldBytes { get; init; } = 64 * 1024;
}
