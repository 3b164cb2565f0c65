using System.Collections.Concurrent;
using Windhover.Components.Abi;
using Windhover.Engine;

namespace Windhover.Components.Async;

// The turns of one running component.
//
// A component with asynchronous functions is an actor: its store is used by one thread at a time, and everything that happens to it is a turn:
//
//   host thread ── Post(turn) ─► inbox ─┐
//                                       ├─► one drainer (a pool thread, or the thread that a guest's stack blocks) ─► guest code
//   guest code ── Wake(task) ──► ready ─┘
//
// The rules of turns:
//   1. A turn runs to its end before the next one starts, unless it blocks (rule 4). State of guests is touched in turns only, so it needs no locks.
//   2. A completion on another thread (a timer, a socket, a body) posts a turn and touches nothing itself.
//   3. A parked task is woken by what it waits for, as a candidate; whether it is ready is asked again when its turn comes.
//   4. A guest's stack that blocks (waitable-set.wait, a synchronous call of an asynchronous function, synchronous stream operations) runs further
//      turns on top of itself until its own condition holds: stacks are resumed in the reverse order of blocking. If nothing is ready and
//      nothing outside is under way, it can never go on: a trap.
//   5. A trap ends the store: every task of it fails with that trap, later turns do not run.
//
// Who drains:
//
//   Idle ── Post ──► Queued ── a thread of the pool, or one that has a turn to run or an end to make and is here first ──► Running ──► Idle
//
// What is queued can be taken over, so nobody ever waits for a thread of the pool: with all of its threads waiting like that, none would be left to come.
internal sealed class Scheduler : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<ITurn> _inbox = new();
    private readonly List<ParkedTask> _ready = [];
    private readonly LinkedList<Action<Exception>> _onFailure = []; // linked, since hundreds of calls come and go in any order
    private readonly object _gate = new();
    private const int MaxYields = 100_000;

    private int _yields;
    private const int Idle = 0, Queued = 1, Running = 2;

    private int _state;
    private int _drainer; // the thread at work, 0 between turns
    private Action? _whenStopped;
    private bool _stopped;
    private int _outside;
    private bool _sleeping;

    /// <param name="isInTurn">The calling thread runs a turn already, and calls <see cref="DrainHere"/> when it is over.</param>
    public Scheduler(bool isInTurn)
    {
        if (!isInTurn)
            return;
        _state = Running;
        _drainer = Environment.CurrentManagedThreadId;
    }

    /// <summary>Picks among ready tasks: null takes them in order. Tests set it, to find what depends on the order.</summary>
    public Random? Order { get; set; }

    /// <summary>Brings the scheduler to a thread of the pool. Tests set it, to be a pool without a thread to spare.</summary>
    public Action<IThreadPoolWorkItem> Queue { get; set; } = static item => ThreadPool.UnsafeQueueUserWorkItem(item, preferLocal: false);

    /// <summary>Called before turns run, on the thread that runs them.</summary>
    public Action? BeforeTurns { get; set; }

    /// <summary>Called when no turn is left, on the same thread.</summary>
    public Action? AfterTurns { get; set; }

    /// <summary>The host may call at any time: a guest that waits while nothing is under way is no deadlock, since another call may be what it waits for.</summary>
    public bool ExpectsCalls { get; set; }

    /// <summary>Why the store ended; null while it lives.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Operations of the host that will post a turn when they are done. Any thread.</summary>
    public void BeginOutside() => Interlocked.Increment(ref _outside);

    /// <summary>Posts the turn of an operation counted by <see cref="BeginOutside"/>. Any thread.</summary>
    public void EndOutside(Action turn) => Post(() =>
    {
        Interlocked.Decrement(ref _outside);
        turn();
    });

    /// <summary>The same inside a turn.</summary>
    public void EndOutsideInTurn() => Interlocked.Decrement(ref _outside);

    /// <summary>Adds a turn. Any thread; runs on the pool unless a drainer is at work already.</summary>
    public void Post(ITurn turn) => Post(turn.Run);

    /// <inheritdoc cref="Post(ITurn)"/>
    public void Post(Action turn)
    {
        _inbox.Enqueue(new ActionTurn(turn));
        Interlocked.MemoryBarrier();
        if (Interlocked.CompareExchange(ref _state, Queued, Idle) == Idle)
            Queue(this);
        else if (Volatile.Read(ref _sleeping))
            WakeSleeper();
    }

    /// <summary>
    /// Runs <paramref name="turn"/> and all that becomes ready by it on this thread. False when another thread drains already: then it is posted.
    /// </summary>
    public bool RunHere(ITurn turn)
    {
        if (_inbox.IsEmpty && TryTake())
        {
            Drain(turn);
            return true;
        }

        _inbox.Enqueue(turn);
        Interlocked.MemoryBarrier();
        if (!TryTake())
        {
            if (Volatile.Read(ref _sleeping))
                WakeSleeper();
            return false;
        }

        Drain();
        return true;
    }

    /// <inheritdoc cref="RunHere(ITurn)"/>
    public bool RunHere(Action turn) => RunHere(new ActionTurn(turn));

    /// <summary>The same, and blocks until the turn is over, wherever it runs. Inside a turn: at once.</summary>
    /// <exception cref="TrapException">The turn trapped, or the store had ended.</exception>
    public void RunAndWait(Action turn)
    {
        if (IsInTurn)
        {
            turn();
            return;
        }

        var done = new TaskCompletionSource();
        var failed = OnFailure(error => done.TrySetException(error));
        RunHere(() =>
        {
            turn();
            done.TrySetResult();
        });
        try
        {
            done.Task.GetAwaiter().GetResult();
        }
        finally
        {
            ForgetFailure(failed);
        }
    }

    /// <summary>Whether the calling thread runs a turn.</summary>
    public bool IsInTurn => Volatile.Read(ref _drainer) == Environment.CurrentManagedThreadId;

    /// <summary>
    /// Ends the store and waits until no turn runs: afterwards nothing touches it. A guest that runs on is not interrupted; that is what deadlines are for.
    /// </summary>
    /// <param name="reason">What those who wait are told.</param>
    /// <param name="isAbandoned">The turn that the scheduler was made in ended in an exception: nobody will end it.</param>
    public void Stop(Exception reason, bool isAbandoned = false)
    {
        if (isAbandoned || IsInTurn)
        {
            Fail(reason);
            return;
        }

        using var stopped = new ManualResetEventSlim();
        StopThen(reason, stopped.Set);
        stopped.Wait();
    }

    /// <summary>Ends the store, and does <paramref name="then"/> when no turn runs: before this returns, or on the thread that runs one. Not for a scheduler that is abandoned.</summary>
    public void StopThen(Exception reason, Action then)
    {
        Fail(reason);
        if (Interlocked.Exchange(ref _stopped, true))
        {
            then(); // The first who stops keeps the turn for good: a second would wait for it.
            return;
        }

        Volatile.Write(ref _whenStopped, then);
        Interlocked.MemoryBarrier();
        if (TryTake())
            EndStopped();
        else
            Post(static () => { }); // wakes a stack that sleeps, or is about to
    }

    private void EndStopped() => Interlocked.Exchange(ref _whenStopped, null)?.Invoke();

    // Where nobody runs turns, the calling thread does from now on.
    private bool TryTake()
    {
        while (true)
        {
            int state = Volatile.Read(ref _state);
            if (state == Running)
                return false;
            if (Interlocked.CompareExchange(ref _state, Running, state) == state)
                return true;
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (Interlocked.CompareExchange(ref _state, Running, Queued) == Queued)
            Drain();
    }

    /// <summary>Ends the turn that the scheduler was made in.</summary>
    public void DrainHere() => Drain();

    /// <param name="first">A turn that comes before all that is posted or ready.</param>
    private void Drain(ITurn? first = null)
    {
        while (true)
        {
            Volatile.Write(ref _drainer, Environment.CurrentManagedThreadId);
            bool begins = Failure is null;
            if (begins)
                BeforeTurns?.Invoke();
            if (first is not null)
                TryRunOne(first);
            first = null;
            while (TryRunOne())
            {
            }

            CheckIdle();
            if (begins)
                AfterTurns?.Invoke(); // after a trap too: what led to it has its cost
            Volatile.Write(ref _drainer, 0);
            Volatile.Write(ref _state, Idle);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _whenStopped) is not null)
            {
                if (TryTake())
                    EndStopped();
                return;
            }

            if (_inbox.IsEmpty || !TryTake())
                return;
        }
    }

    private bool TryRunOne(ITurn? turn = null)
    {
        if (Failure is not null)
        {
            _ready.Clear();
            _inbox.Clear();
            return false;
        }

        try
        {
            if (turn is not null || _inbox.TryDequeue(out turn))
            {
                turn.Run();
                return true;
            }

            while (_ready.Count > 0)
            {
                int index = Order?.Next(_ready.Count) ?? 0;
                ParkedTask task = _ready[index];
                _ready.RemoveAt(index);
                if (task.TryResume())
                {
                    CheckLivelock(task);
                    return true;
                }
            }

            return false;
        }
        catch (Exception error)
        {
            Fail(error);
            return false;
        }
    }

    /// <summary>Calls that wait for a result: if nothing can run and nothing outside is under way, they never get one.</summary>
    public int Awaited { get; set; }

    // Tasks that only yield, while stacks below them wait for each other, would turn for ever: rule 4's order cannot be undone.
    private void CheckLivelock(ParkedTask task)
    {
        _yields = task.HasYielded && Volatile.Read(ref _outside) == 0 && _inbox.IsEmpty ? _yields + 1 : 0;
        if (_yields > MaxYields)
            throw Traps.Create($"livelock: the guest yielded {MaxYields} times in turn, and nothing else of it can run");
    }

    private void CheckIdle()
    {
        if (Awaited > 0 && !ExpectsCalls && Failure is null && Volatile.Read(ref _outside) == 0 && _inbox.IsEmpty)
            Fail(Deadlock());
    }

    private static TrapException Deadlock() =>
        Traps.Create("deadlock detected: the guest waits, nothing of it can run, and nothing outside is under way");

    /// <summary>A candidate for the next turn. Inside a turn only.</summary>
    public void Ready(ParkedTask task) => _ready.Add(task);

    /// <summary>Ends the store: rule 5.</summary>
    public void Fail(Exception error)
    {
        Action<Exception>[] told;
        lock (_onFailure)
        {
            if (Failure is not null)
                return;
            Failure = error;
            told = [.. _onFailure];
            _onFailure.Clear();
        }

        foreach (Action<Exception> notify in told)
            notify(error);
    }

    /// <summary>Is told when the store ends; at once if it has. Any thread: a turn that is posted after the end is never run.</summary>
    /// <param name="notify">Gets the reason.</param>
    /// <param name="isUnderWay">What waits had begun before the end: it hears of the end itself, not that it came too late.</param>
    /// <returns>For <see cref="ForgetFailure"/>.</returns>
    public LinkedListNode<Action<Exception>>? OnFailure(Action<Exception> notify, bool isUnderWay = false)
    {
        Exception? failure;
        lock (_onFailure)
        {
            failure = Failure;
            if (failure is null)
                return _onFailure.AddLast(notify);
        }

        notify(isUnderWay ? failure : new TrapException(TrapKind.Host, $"cannot enter component instance, which has ended: {failure.Message.Split('\n', 2)[0]}", failure));
        return null;
    }

    public void ForgetFailure(LinkedListNode<Action<Exception>>? told)
    {
        if (told is null)
            return;
        lock (_onFailure)
        {
            if (told.List is not null)
                _onFailure.Remove(told);
        }
    }

    /// <summary>Runs what is ready now, on top of the stack that yields.</summary>
    public void RunOthers()
    {
        for (int left = _ready.Count + _inbox.Count; left > 0 && TryRunOne(); left--)
        {
        }

        if (Failure is { } failure)
            throw new TrapException(TrapKind.Host, "The component ended while a stack of it was blocked.", failure);
    }

    /// <summary>Rule 4: blocks the guest's stack that calls this, running other turns, until <paramref name="ready"/> holds.</summary>
    public void BlockUntil(Func<bool> ready)
    {
        while (!ready())
        {
            if (TryRunOne())
                continue;
            if (Failure is { } failure)
                throw new TrapException(TrapKind.Host, "The component ended while a stack of it was blocked.", failure);
            if (!ExpectsCalls && Volatile.Read(ref _outside) == 0 && _inbox.IsEmpty)
                throw Deadlock();
            Sleep();
        }
    }

    // The sleeper says so before it looks at the inbox; whoever posts looks after it has posted. One of the two sees the other.
    private void Sleep()
    {
        lock (_gate)
        {
            Volatile.Write(ref _sleeping, true);
            Interlocked.MemoryBarrier();
            while (_inbox.IsEmpty)
                Monitor.Wait(_gate);
            Volatile.Write(ref _sleeping, false);
        }
    }

    private void WakeSleeper()
    {
        lock (_gate)
            Monitor.Pulse(_gate);
    }
}

/// <summary>What a drainer runs.</summary>
internal interface ITurn
{
    void Run();
}

internal sealed class ActionTurn(Action turn) : ITurn
{
    public void Run() => turn();
}

/// <summary>A task that waits without a stack: woken, it is asked whether it is ready, and then goes on in a turn of its own.</summary>
internal abstract class ParkedTask(Scheduler scheduler)
{
    private bool _queued;

    public void Wake()
    {
        if (_queued)
            return;
        _queued = true;
        scheduler.Ready(this);
    }

    public bool TryResume()
    {
        _queued = false;
        return Resume();
    }

    /// <summary>Whether its turn ended in a yield.</summary>
    public abstract bool HasYielded { get; }

    /// <summary>Goes on if it is ready; false if it was not.</summary>
    protected abstract bool Resume();
}
