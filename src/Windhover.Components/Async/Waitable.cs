using Windhover.Components.Abi;

namespace Windhover.Components.Async;

/// <summary>What a guest is told when something that it waits for happened (Canonical ABI, "Waitable State").</summary>
internal enum EventCode : uint
{
    None = 0,
    Subtask = 1,
    StreamRead = 2,
    StreamWrite = 3,
    FutureRead = 4,
    FutureWrite = 5,
    TaskCancelled = 6,
}

/// <summary>An event: what happened, to which handle, and with which payload.</summary>
internal readonly record struct GuestEvent(EventCode Code, uint Index = 0, uint Payload = 0);

/// <summary>Something in a guest's table that can have an event: a subtask, or an end of a stream or future.</summary>
internal abstract class Waitable
{
    public WaitableSet? Set { get; private set; }

    /// <summary>A guest's stack is blocked on this one: nobody else may wait for it meanwhile.</summary>
    public bool HasSyncWaiter { get; set; }

    public bool HasPendingEvent { get; private set; }

    public GuestEvent TakePendingEvent()
    {
        HasPendingEvent = false;
        return MakeEvent();
    }

    protected void SetPendingEvent()
    {
        HasPendingEvent = true;
        Set?.Wake();
    }

    /// <summary>The event is made when it is delivered: more may have been copied by then.</summary>
    protected abstract GuestEvent MakeEvent();

    public void Join(WaitableSet? set)
    {
        Set?.Remove(this);
        Set = set;
        if (set is null)
            return;
        set.Add(this);
        if (HasPendingEvent)
            set.Wake();
    }

    public virtual void Drop() => Join(null);
}

/// <summary>A set of waitables that a task waits for (Canonical ABI, "Waitable State").</summary>
internal sealed class WaitableSet
{
    // Most sets have one member and one waiter: those stand here, the others in lists that most sets never make.
    private Waitable? _first;
    private List<Waitable>? _others;
    private ParkedTask? _parked;
    private List<ParkedTask>? _alsoParked;

    /// <summary>Stacks and tasks that wait.</summary>
    public int Waiting { get; set; }

    public bool HasPendingEvent
    {
        get
        {
            if (_first is { HasPendingEvent: true })
                return true;
            if (_others is null)
                return false;
            foreach (Waitable waitable in _others)
            {
                if (waitable.HasPendingEvent)
                    return true;
            }

            return false;
        }
    }

    public void Add(Waitable waitable)
    {
        if (_first is null && _others is not { Count: > 0 })
            _first = waitable;
        else
            (_others ??= []).Add(waitable);
    }

    public void Remove(Waitable waitable)
    {
        if (!ReferenceEquals(_first, waitable))
            _others?.Remove(waitable);
        else
            _first = null;
    }

    /// <summary>One of the pending events; the sets' members take turns, so that a busy one cannot starve the others.</summary>
    public GuestEvent TakePendingEvent()
    {
        if (_first is { HasPendingEvent: true } first)
        {
            if (_others is { Count: > 0 })
            {
                _first = null;
                _others.Add(first);
            }

            return first.TakePendingEvent();
        }

        for (int i = 0; i < _others?.Count; i++)
        {
            Waitable waitable = _others[i];
            if (waitable.HasPendingEvent)
            {
                _others.RemoveAt(i);
                _others.Add(waitable);
                return waitable.TakePendingEvent();
            }
        }

        throw new InvalidOperationException("No member of the set has an event.");
    }

    public void Park(ParkedTask task)
    {
        if (_parked is null)
            _parked = task;
        else
            (_alsoParked ??= []).Add(task);
    }

    public void Unpark(ParkedTask task)
    {
        if (!ReferenceEquals(_parked, task))
            _alsoParked?.Remove(task);
        else
            _parked = null;
    }

    public void Wake()
    {
        _parked?.Wake();
        if (_alsoParked is null)
            return;
        foreach (ParkedTask task in _alsoParked)
            task.Wake();
    }

    public void Drop()
    {
        if (_first is not null || _others is { Count: > 0 })
            throw Traps.Create("cannot drop waitable set with waitables in it");
        if (Waiting > 0)
            throw Traps.Create("cannot drop waitable set with waiters");
    }
}
