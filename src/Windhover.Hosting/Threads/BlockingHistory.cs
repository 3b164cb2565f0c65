namespace Windhover.Hosting.Threads;

// Whether a guest of this app waits is learnt by watching it.
//
// A guest that never waits (it answers from what it has; writes go into buffers) runs at once on the thread that has the request: handing it to
// another thread and back costs two switches, 10–20 µs under load, as much as the guest itself. One that waits runs on GuestThreads. Imports do
// not tell: nearly all guests import `blocking-write-and-flush`, few ever wait in it.
//
//   a guest waits        → the app's next 64 requests go to GuestThreads; if one of those waits too, the next 1,024
//   none of them waits   → back to the request's own thread
//
// So it is with guests that compute: they would hold the pool's threads as well. They have threads of the same kind for themselves, which give way to others, so that they
// cannot take all of those that waiting guests need.
//
//   runs compute for 1 ms     → the app's next requests go to a few such threads, as many as processors; one such run alone is no reason: a hypervisor's pause looks like that (score: + 16 for such a run, − 1 for any other)
//   a run computes for 5 ms   → the next 1,024; and beside neighbours the app may not have all processors any more (ComputeShare)
internal sealed class BlockingHistory
{
    private const int RequestsAfterWait = 1024;
    private const int RequestsAfterFirstWait = 64;
    private const long Short = TimeSpan.TicksPerMillisecond;
    private const int Step = 16;
    private const int Most = 5 * Step;

    private int _credit;
    private int _score;
    private int _longCredit;

    /// <summary>Whether the next request should run where it may wait. Counts it.</summary>
    public bool ShouldUseGuestThread()
    {
        if (Volatile.Read(ref _credit) <= 0)
            return false;
        Interlocked.Decrement(ref _credit);
        return true;
    }

    /// <summary>Whether the next request should run where others compute for long. Counts it.</summary>
    public bool ShouldUseBusyThread()
    {
        if (Volatile.Read(ref _longCredit) <= 0)
            return false;
        Interlocked.Decrement(ref _longCredit);
        return true;
    }

    /// <summary>Whether runs take a millisecond and more again and again.</summary>
    public bool Computes => Volatile.Read(ref _score) > Step;

    /// <summary>Whether no run has computed for long lately.</summary>
    public bool IsQuick => !Computes && Volatile.Read(ref _longCredit) <= 0;

    /// <summary>Whether guests have waited lately.</summary>
    public bool Waits => Volatile.Read(ref _credit) > 0;

    /// <summary>A run has ended that took this much of a processor. What is lost between two threads that count at once does not matter.</summary>
    public void Used(TimeSpan cpu)
    {
        int score = Volatile.Read(ref _score);
        if (cpu.Ticks >= Short)
            Volatile.Write(ref _score, Math.Min(score + Step, Most));
        else if (score > 0)
            Volatile.Write(ref _score, score - 1);
    }

    /// <summary>A run computes for long.</summary>
    public void Computed() => Volatile.Write(ref _longCredit, RequestsAfterWait);

    public void Waited() => Volatile.Write(ref _credit, Volatile.Read(ref _credit) > 0 ? RequestsAfterWait : RequestsAfterFirstWait);
}
