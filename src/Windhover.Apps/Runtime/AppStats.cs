using System.Diagnostics;

namespace Windhover.Apps.Runtime;

/// <summary>What an app did since the server started, across its versions.</summary>
internal sealed class AppStats
{
    private long _requests;
    private long _failures;
    private long _running;
    private long _ticks;
    private long _runs;
    private long _failedRuns;
    private long _deadLetters;

    public long Requests => Volatile.Read(ref _requests);

    public long Failures => Volatile.Read(ref _failures);

    public long Running => Volatile.Read(ref _running);

    public long Runs => Volatile.Read(ref _runs);

    public long FailedRuns => Volatile.Read(ref _failedRuns);

    public long DeadLetters => Volatile.Read(ref _deadLetters);

    public TimeSpan Busy => TimeSpan.FromSeconds(Volatile.Read(ref _ticks) / (double)Stopwatch.Frequency);

    public long Begin()
    {
        Interlocked.Increment(ref _running);
        return Stopwatch.GetTimestamp();
    }

    public void End(long begin, int status)
    {
        Interlocked.Decrement(ref _running);
        Interlocked.Increment(ref _requests);
        Interlocked.Add(ref _ticks, Stopwatch.GetTimestamp() - begin);
        if (status >= 500)
            Interlocked.Increment(ref _failures);
    }

    public void Run(bool ok)
    {
        Interlocked.Increment(ref _runs);
        if (!ok)
            Interlocked.Increment(ref _failedRuns);
    }

    public void DeadLetter() => Interlocked.Increment(ref _deadLetters);
}
