namespace Windhover.Wasi.Http;

/// <summary>Timeouts of an outgoing request, in nanoseconds: <c>wasi:http/types.request-options</c>.</summary>
internal sealed partial class RequestOptions : IDisposable
{
    public ulong? ConnectTimeout { get; set; }

    public ulong? FirstByteTimeout { get; set; }

    public ulong? BetweenBytesTimeout { get; set; }

    /// <summary>As a time that timers take: at least 1 ms, at most about 40 days.</summary>
    internal static TimeSpan? ToTimeSpan(ulong? nanoseconds) => nanoseconds is { } value
        ? TimeSpan.FromMilliseconds(Math.Clamp(value / 1_000_000, 1, (ulong)TimeSpan.FromDays(40).TotalMilliseconds))
        : null;

    /// <summary>Holds nothing.</summary>
    public void Dispose()
    {
    }
}
