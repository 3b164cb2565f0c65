using Microsoft.Extensions.Logging;

namespace Windhover.Capabilities.Backends;

/// <summary>
/// Says in the log that a backend went away and that it came back, once each, however many calls fail in between. One per backend and resource. Thread-safe.
/// </summary>
/// <param name="logger">Where to.</param>
/// <param name="what">The backend and the resource: <c>redis of key-value store `sessions` (app `shop`)</c>.</param>
/// <param name="time">The clock.</param>
public sealed partial class BackendHealth(ILogger logger, string what, TimeProvider time)
{
    // 0: it works. Otherwise the timestamp of the first failure.
    private long _since;

    /// <summary>The backend and the resource.</summary>
    public string What => what;

    /// <summary>A call reached the backend. On the hot path: one read.</summary>
    public void Works()
    {
        if (Volatile.Read(ref _since) != 0)
            Back();
    }

    /// <summary>A call did not reach the backend.</summary>
    /// <returns>What the guest is told.</returns>
    public BackendException Fails(Exception error)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (Interlocked.CompareExchange(ref _since, Math.Max(1, time.GetTimestamp()), 0) == 0)
            LogDown(logger, what, error.Message);
        return new BackendException("the backend cannot be reached; try again later", BackendFailure.Unavailable, error);
    }

    private void Back()
    {
        long since = Interlocked.Exchange(ref _since, 0);
        if (since != 0)
            LogBack(logger, what, time.GetElapsedTime(since).TotalSeconds);
    }

    [LoggerMessage(1, LogLevel.Error, "{What} cannot be reached; calls fail until it is back: {Reason}")]
    private static partial void LogDown(ILogger logger, string what, string reason);

    [LoggerMessage(2, LogLevel.Information, "{What} is back after {Seconds:F1} s")]
    private static partial void LogBack(ILogger logger, string what, double seconds);
}
