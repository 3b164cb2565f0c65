using Windhover.Engine;

namespace Windhover.Hosting.Threads;

// One app's part of the pool's queue, beside neighbours.
//
// The pool runs what it is given in order. An app that is asked 500 times at once has 500 requests to read and 500 guests to run there, 30 µs to 1 ms each, and a neighbour's request
// stands behind all of them. Run where they are read, they would not even be seen: no more run at a time than the pool has threads, and the rest is not read yet, so that none is ever
// refused. So an app has no more guests in the pool at a time than there are processors, and of those none at the place where requests are read while more of the app's, or anybody's,
// are there to be read; the rest stand in a queue of its own, and each that ends puts the next at the end of the pool's:
//
//   request ── has the app as many turns as there are processors, or one and work waits in the pool? ── no ─► runs on the thread that it came on
//                                         │ yes                                                                     │ ends, waits, or turns out to be long
//                                         ▼                                                                         ▼
//                                  the app's queue ◄──────────────────────────────── the first of it goes to the end of the pool's
//
// What stands in that queue counts as running for the app's budget of requests: so a flood is refused as soon as it has been read.
//
// A call from guest to guest within the server (`.internal`) runs on its caller's thread and has its caller's turn: waiting for one of its own, it could wait for its caller's.

/// <summary>The turns of one app. Thread-safe.</summary>
internal sealed class PoolTurns
{
    // Work items for each processor that wait: fewer are there all the time on a busy server.
    private const int Backlog = 4;

    [ThreadStatic]
    private static bool t_isTaken;

    private readonly Lock _lock = new();
    private readonly Queue<IGuestWork> _queue = new();
    private readonly int _most = Environment.ProcessorCount;
    private int _taken;

    /// <summary>Whether a guest on the calling thread may run without a turn: it is called by another that has one, or the thread is not the pool's.</summary>
    public static bool NeedsNone => t_isTaken || !Thread.CurrentThread.IsThreadPoolThread;

    /// <summary>Whether a guest runs on the calling thread. The caller sets it while one does.</summary>
    public static bool IsTaken { get => t_isTaken; set => t_isTaken = value; }

    /// <summary>Work that stands in the queue.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _queue.Count;
        }
    }

    /// <summary>Takes a turn for the calling thread, which gives it back by <see cref="Leave"/>.</summary>
    public bool TryEnter() => TryEnter(ThreadPool.PendingWorkItemCount > Backlog * _most);

    /// <param name="workWaits">Whether others wait for the calling thread: then only an app that has no turn may take one.</param>
    internal bool TryEnter(bool workWaits)
    {
        lock (_lock)
        {
            if (_taken >= (workWaits ? 1 : _most))
                return false;
            _taken++;
            return true;
        }
    }

    /// <summary>Takes a turn again that was left while a guest waited, whether or not others have taken theirs meanwhile.</summary>
    public void Return()
    {
        lock (_lock)
            _taken++;
    }

    /// <summary>Runs the work on the pool when its turn comes.</summary>
    public void Queue(IGuestWork work)
    {
        if (ExecutionContext.Capture() is { } flow)
            work = new FlowingWork(work, flow);
        lock (_lock)
        {
            if (_taken >= _most)
            {
                _queue.Enqueue(work);
                return;
            }

            _taken++;
        }

        Start(work);
    }

    /// <summary>Gives a turn back.</summary>
    public void Leave()
    {
        IGuestWork? next;
        lock (_lock)
        {
            _taken--;
            if (_taken >= _most || !_queue.TryDequeue(out next))
                return;
            _taken++;
        }

        Start(next);
    }

    private void Start(IGuestWork work) => ThreadPool.UnsafeQueueUserWorkItem(new Turn(this, work), preferLocal: false);

    private sealed class Turn(PoolTurns owner, IGuestWork work) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            ThreadSchedule.AnswersHere();
            t_isTaken = true;
            work.Run();
            t_isTaken = false;
            owner.Leave();
        }
    }
}
