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
        Set?.Elements.Remove(this);
        Set = set;
        if (set is null)
            return;
        set.Elements.Add(this);
        if (HasPendingEvent)
            set.Wake();
    }

    public virtual void Drop() => Join(null);
}

/// <summary>A set of waitables that a task waits for (Canonical ABI, "Waitable State").</summary>
internal sealed class WaitableSet
{
    private readonly List<ParkedTask> _waiting = [];

    public List<Waitable> Elements { get; } = [];

    /// <summary>Stacks and tasks that wait.</summary>
    public int Waiting { get; set; }

    public bool HasPendingEvent
    {
        get
        {
            foreach (Waitable waitable in Elements)
            {
                if (waitable.HasPendingEvent)
                    return true;
            }

            return false;
        }
    }

    /// <summary>One of the pending events; the sets' members take turns, so that a busy one cannot starve the others.</summary>
    public GuestEvent TakePendingEvent()
    {
        for (int i = 0; i < Elements.Count; i++)
        {
            Waitable waitable = Elements[i];
            if (waitable.HasPendingEvent)
            {
                Elements.RemoveAt(i);
                Elements.Add(waitable);
                return waitable.TakePendingEvent();
            }
        }

        throw new InvalidOperationException("No member of the set has an event.");
    }

    public void Park(ParkedTask task) => _waiting.Add(task);

    public void Unpark(ParkedTask task) => _waiting.Remove(task);

    public void Wake()
    {
        foreach (ParkedTask task in _waiting)
            task.Wake();
    }

    public void Drop()
    {
        if (Elements.Count > 0)
            throw Traps.Create("cannot drop waitable set with waitables in it");
        if (Waiting > 0)
            throw Traps.Create("cannot drop waitable set with waiters");
    }
}
