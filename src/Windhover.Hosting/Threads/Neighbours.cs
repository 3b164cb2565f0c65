namespace Windhover.Hosting.Threads;

/// <summary>
/// Whether more than one app of the server has been asked lately: then none of them may have all processors (<see cref="ComputeShare"/>), nor all of the pool's queue (<see cref="PoolTurns"/>).
/// Thread-safe.
/// </summary>
internal sealed class Neighbours
{
    private const int LatelyMilliseconds = 1000;

    private object? _last;
    private long _changed = -LatelyMilliseconds;
    private long _quick = -LatelyMilliseconds;

    /// <summary>An app is asked.</summary>
    /// <param name="app">Which.</param>
    /// <param name="isQuick">Whether it is one that answers without long computations.</param>
    public void Asked(object app, bool isQuick)
    {
        if (!ReferenceEquals(Volatile.Read(ref _last), app) && Interlocked.Exchange(ref _last, app) is not null)
            Volatile.Write(ref _changed, Environment.TickCount64);
        if (isQuick)
        {
            long now = Environment.TickCount64;
            if (Volatile.Read(ref _quick) != now) // the line is read by all: once a millisecond is enough
                Volatile.Write(ref _quick, now);
        }
    }

    /// <summary>Within the last second, requests came for one app and for another.</summary>
    public bool AreThere => IsLately(ref _changed);

    /// <summary>Within the last second, requests came for an app that answers without long computations.</summary>
    public bool QuickAreThere => IsLately(ref _quick);

    private static bool IsLately(ref long time) => Environment.TickCount64 - Volatile.Read(ref time) < LatelyMilliseconds;
}
