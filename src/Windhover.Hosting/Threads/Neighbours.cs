namespace Windhover.Hosting.Threads;

/// <summary>Whether more than one app of the server has been asked lately: then none of them may have all processors (<see cref="ComputeShare"/>). Thread-safe.</summary>
internal sealed class Neighbours
{
    private const int LatelyMilliseconds = 1000;

    private object? _last;
    private long _changed = -LatelyMilliseconds;

    /// <summary>An app is asked.</summary>
    public void Asked(object app)
    {
        if (!ReferenceEquals(Volatile.Read(ref _last), app) && Interlocked.Exchange(ref _last, app) is not null)
            Volatile.Write(ref _changed, Environment.TickCount64);
    }

    /// <summary>Within the last second, requests came for one app and for another.</summary>
    public bool AreThere => Environment.TickCount64 - Volatile.Read(ref _changed) < LatelyMilliseconds;
}
