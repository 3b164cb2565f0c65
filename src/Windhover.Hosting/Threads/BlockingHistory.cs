namespace Windhover.Hosting.Threads;

// Whether a guest of this app waits is learnt by watching it.
//
// A guest that never waits (it answers from what it has; writes go into buffers) runs at once on the thread that has the request: handing it to
// another thread and back costs two switches, 10–20 µs under load, as much as the guest itself. One that waits runs on GuestThreads. Imports do
// not tell: nearly all guests import `blocking-write-and-flush`, few ever wait in it.
//
//   a guest waits        → the app's next 1,024 requests go to GuestThreads
//   none of them waits   → back to the request's own thread
//
// So it is with guests that compute: they would hold the pool's threads as well. They have threads of the same kind for themselves, which give way to others, so that they
// cannot take all of those that waiting guests need.
//
//   a run computes for 1 ms   → the app's next 64 requests go there
//   a run computes for 5 ms   → the next 1,024; and beside neighbours the app may not have all processors any more (ComputeShare)
internal sealed class BlockingHistory
{
    private const int RequestsAfterWait = 1024;
    private const long Short = TimeSpan.TicksPerMillisecond;
    private const int RequestsAfterShortRun = 64;

    private int _credit;
    private int _busyCredit;
    private int _longCredit;

    /// <summary>Whether the next request should run where it may wait. Counts it.</summary>
    public bool ShouldUseGuestThread()
    {
        if (Volatile.Read(ref _credit) <= 0)
            return false;
        Interlocked.Decrement(ref _credit);
        return true;
    }

    /// <summary>Whether the next request should run where others compute. Counts it.</summary>
    /// <param name="isLong">Whether it is one of those that compute for long.</param>
    public bool ShouldUseBusyThread(out bool isLong)
    {
        isLong = Volatile.Read(ref _longCredit) > 0;
        if (isLong)
            Interlocked.Decrement(ref _longCredit);
        if (Volatile.Read(ref _busyCredit) <= 0)
            return isLong;
        Interlocked.Decrement(ref _busyCredit);
        return true;
    }

    /// <summary>A run has ended that took this much of a processor.</summary>
    public void Used(TimeSpan cpu)
    {
        if (cpu.Ticks >= Short)
            Volatile.Write(ref _busyCredit, RequestsAfterShortRun);
    }

    /// <summary>A run computes for long.</summary>
    public void Computed() => Volatile.Write(ref _longCredit, RequestsAfterWait);

    public void Waited() => Volatile.Write(ref _credit, RequestsAfterWait);
}
