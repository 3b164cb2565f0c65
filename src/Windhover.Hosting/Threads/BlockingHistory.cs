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
// So it is with guests that compute for long (5 ms): they would hold the pool's threads as well. They have threads of the same kind for themselves, so that they
// cannot take all of those that waiting guests need.
internal sealed class BlockingHistory
{
    private const int RequestsAfterWait = 1024;

    private int _credit;
    private int _busyCredit;

    /// <summary>Whether the next request should run where it may wait. Counts it.</summary>
    public bool ShouldUseGuestThread()
    {
        if (Volatile.Read(ref _credit) <= 0)
            return false;
        Interlocked.Decrement(ref _credit);
        return true;
    }

    /// <summary>Whether the next request should run where others compute. Counts it.</summary>
    public bool ShouldUseBusyThread()
    {
        if (Volatile.Read(ref _busyCredit) <= 0)
            return false;
        Interlocked.Decrement(ref _busyCredit);
        return true;
    }

    public void Computed() => Volatile.Write(ref _busyCredit, RequestsAfterWait);

    public void Waited() => Volatile.Write(ref _credit, RequestsAfterWait);
}
