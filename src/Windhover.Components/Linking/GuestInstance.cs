using Windhover.Components.Abi;
using Windhover.Components.Async;
using Windhover.Components.Resources;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>The state of one component instance inside a running component (Canonical ABI, "Component Instances").</summary>
internal sealed class GuestInstance(GuestInstance? parent, BudgetMeter? meter)
{
    public readonly HandleTable Handles = new(meter);

    public readonly GuestInstance? Parent = parent;

    /// <summary>False while the guest's allocator or post-return runs: it may not call out.</summary>
    public bool MayLeave = true;

    /// <summary>False while the guest runs, and for ever after a trap.</summary>
    public bool MayEnter = true;

    /// <summary>backpressure.inc less backpressure.dec: above 0, no new task starts.</summary>
    public int Backpressure { get; set; }

    /// <summary>The task that has the instance for itself while it runs; see <see cref="GuestTask"/>.</summary>
    public GuestTask? Exclusive { get; set; }

    // Made when a task first waits: most instances live for one call, which never does.
    private List<GuestTask>? _entering;
    private List<GuestTask>? _wanting;

    /// <summary>Whether tasks wait for backpressure or the exclusive one to go.</summary>
    public bool HasEntering => _entering is { Count: > 0 };

    /// <summary>Whether this one does.</summary>
    public bool IsEntering(GuestTask task) => _entering is not null && _entering.Contains(task);

    /// <summary>It waits, after all that wait already.</summary>
    public void StartEntering(GuestTask task) => (_entering ??= []).Add(task);

    /// <summary>Wakes the task when the exclusive one lets go.</summary>
    public void WantExclusive(GuestTask task) => (_wanting ??= []).Add(task);

    public void ReleaseExclusive()
    {
        Exclusive = null;
        if (_wanting is not null)
        {
            foreach (GuestTask task in _wanting)
                task.Wake();
            _wanting.Clear();
        }

        WakeEntering();
    }

    /// <summary>Something that held new tasks back is gone.</summary>
    public void WakeEntering()
    {
        if (_entering is null)
            return;
        foreach (GuestTask task in _entering)
            task.Wake();
    }

    /// <summary>One no longer waits. Those who came after it stood in line only for its sake, perhaps: nobody else would wake them.</summary>
    public void StopEntering(GuestTask task)
    {
        _entering?.Remove(task);
        WakeEntering();
    }

    public bool MayEnterFrom(GuestInstance? caller)
    {
        for (GuestInstance? i = this; i is not null; i = i.Parent)
        {
            if (!IsWithin(caller, i) && !i.MayEnter)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Closes what the call enters: this instance and its ancestors, less the caller and the caller's ancestors (entering_set).
    /// </summary>
    public void EnterFrom(GuestInstance? caller)
    {
        for (GuestInstance? i = this; i is not null; i = i.Parent)
        {
            if (!IsWithin(caller, i))
            {
                if (!i.MayEnter)
                {
                    Traps.CannotEnter();
                }

                i.MayEnter = false;
            }
        }
    }

    public void LeaveTo(GuestInstance? caller)
    {
        for (GuestInstance? i = this; i is not null; i = i.Parent)
        {
            if (!IsWithin(caller, i))
            {
                i.MayEnter = true;
            }
        }
    }

    /// <summary>Whether one of the two contains the other, or both are the same.</summary>
    public bool IsRelatedTo(GuestInstance other) => IsWithin(this, other) || IsWithin(other, this);

    private static bool IsWithin(GuestInstance? caller, GuestInstance instance)
    {
        for (; caller is not null; caller = caller.Parent)
        {
            if (ReferenceEquals(caller, instance))
            {
                return true;
            }
        }

        return false;
    }
}
