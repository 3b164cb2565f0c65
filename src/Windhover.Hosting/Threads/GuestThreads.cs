using Windhover.Engine;

namespace Windhover.Hosting.Threads;

// Threads that guests may block.
//
// A guest of WASI 0.2 that waits (for a body, a timer, an upstream) holds its stack, and so its thread. Blocked threads of the pool would starve the
// server, so guests that are known to wait run here:
//
//   Queue(work) ── fewer than Max at work? ── yes ─► hand over to an idle one, or start one
//                         │ no
//                   queue full? ── no ─► queue; the next thread that is free takes it
//                         │ yes
//                      false: the caller answers 503
//
// Guests that compute for a millisecond or so have as many threads as there are processors: with more, each of 500 requests at a time had a thread and an instance. One of them that waits, or goes
// on computing, does not count meanwhile (BeginHold), so the others go on.
//
// The threads never end: the next burst finds them. A waiting guest costs about 50 KiB of resident memory here.
internal sealed class GuestThreads
{
    private readonly Lock _lock = new();
    private readonly Stack<Worker> _idle = new();
    private readonly Queue<IGuestWork> _queue = new();
    private readonly int _max;
    private readonly int _maxQueued;
    private int _count;
    private int _held;

    /// <param name="max">Threads at a time.</param>
    /// <param name="maxQueued">Work that waits for one.</param>
    public GuestThreads(int max, int maxQueued)
    {
        _max = max;
        _maxQueued = maxQueued;
    }

    /// <summary>Whether guests that compute run here: the kernel puts them behind threads that answer.</summary>
    public bool Compute { get; init; }

    /// <summary>Whether they keep off one processor of the machine, which is then free for those that answer.</summary>
    public bool LeaveOneProcessor { get; init; }

    /// <summary>Whether they are as few as processors, so that one that is held must let another run (<see cref="BeginHold"/>).</summary>
    public bool AreFew { get; init; }

    public int Count => Volatile.Read(ref _count);

    /// <summary>The work on one of these threads holds it for long: another may run meanwhile.</summary>
    public void BeginHold()
    {
        Worker? worker = null;
        IGuestWork? next;
        lock (_lock)
        {
            _held++;
            if (AtWork >= _max || !_queue.TryDequeue(out next))
                return;
            worker = TakeWorker();
        }

        worker.Give(next);
    }

    /// <summary>It does not any more.</summary>
    public void EndHold()
    {
        lock (_lock)
            _held--;
    }

    private int AtWork => _count - _idle.Count - _held;

    /// <summary>Runs the work on a thread of its own as soon as there is one; false when as many wait already as may.</summary>
    public bool Queue(IGuestWork work)
    {
        // What the caller carries along (the span of a trace, the request that log lines are for) holds on the guest's thread too.
        if (ExecutionContext.Capture() is { } flow)
            work = new FlowingWork(work, flow);
        Worker worker;
        lock (_lock)
        {
            if (AtWork >= _max)
            {
                if (_queue.Count >= _maxQueued)
                    return false;
                _queue.Enqueue(work);
                return true;
            }

            worker = TakeWorker();
        }

        worker.Give(work);
        return true;
    }

    private Worker TakeWorker()
    {
        if (_idle.TryPop(out Worker? idle))
            return idle;
        _count++;
        return new Worker(this);
    }

    private IGuestWork? NextOrIdle(Worker worker)
    {
        lock (_lock)
        {
            // More than may are at work when held ones are released.
            if (AtWork <= _max && _queue.TryDequeue(out IGuestWork? next))
                return next;
            _idle.Push(worker);
            return null;
        }
    }

    private sealed class Worker
    {
        // 1 MiB: the guest's own stack is limited to 512 KiB by the engine, the rest is the host functions'.
        private const int StackSize = 1024 * 1024;

        private readonly GuestThreads _owner;
        private readonly object _gate = new();
        private IGuestWork? _work;
        private bool _started;

        public Worker(GuestThreads owner) => _owner = owner;

        public void Give(IGuestWork work)
        {
            if (_started)
            {
                lock (_gate)
                {
                    _work = work;
                    Monitor.Pulse(_gate);
                }

                return;
            }

            _work = work;
            _started = true;
            new Thread(Run, StackSize) { IsBackground = true, Name = "windhover guest" }.UnsafeStart();
        }

        private void Run()
        {
            if (_owner.Compute)
                ThreadSchedule.Guest(_owner.LeaveOneProcessor);
            else
                ThreadSchedule.AnswersHere(); // whatever the thread has inherited that started this one
            while (true)
            {
                IGuestWork? work = _work;
                _work = null;
                while (work is not null)
                {
                    work.Run();
                    work = _owner.NextOrIdle(this);
                }

                lock (_gate)
                {
                    while (_work is null)
                        Monitor.Wait(_gate);
                }
            }
        }
    }
}

/// <summary>A guest's work. <see cref="Run"/> must not throw: it reports its outcome itself.</summary>
internal interface IGuestWork
{
    void Run();
}

/// <summary>Work with what its caller carries along: threads of ours inherit no context.</summary>
internal sealed class FlowingWork(IGuestWork work, ExecutionContext flow) : IGuestWork
{
    public void Run() => ExecutionContext.Run(flow, static state => ((IGuestWork)state!).Run(), work);
}
