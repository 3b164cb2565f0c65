using Windhover.Components.Abi;
using Windhover.Components.Resources;

namespace Windhover.Components.Async;

internal enum SubtaskState : uint
{
    Starting = 0,
    Started = 1,
    Returned = 2,
    CancelledBeforeStarted = 3,
    CancelledBeforeReturned = 4,
}

/// <summary>A call that a guest made and that is not over: the caller's side (Canonical ABI, "Subtask State").</summary>
internal sealed class Subtask : Waitable
{
    private List<(HandleTable Table, uint Handle)>? _lenders;
    private bool _isResolveDelivered;

    public SubtaskState State { get; set; } = SubtaskState.Starting;

    public bool CancellationRequested { get; set; }

    /// <summary>Asks the callee to cancel. The caller's instance is passed.</summary>
    public Action? OnCancel { get; set; }

    /// <summary>The guest's handle of it; 0 as long as it has none. From then on it hears of progress by events.</summary>
    public uint Handle { get; set; }

    public bool IsResolved => State >= SubtaskState.Returned;

    public bool IsResolveDelivered => _isResolveDelivered;

    public void AddLender(HandleTable table, uint handle) => (_lenders ??= []).Add((table, handle));

    public void Started()
    {
        State = SubtaskState.Started;
        if (Handle != 0)
            SetPendingEvent();
    }

    public void Resolve(SubtaskState state)
    {
        State = state;
        if (Handle != 0)
            SetPendingEvent();
    }

    protected override GuestEvent MakeEvent()
    {
        if (IsResolved)
            DeliverResolve();
        return new GuestEvent(EventCode.Subtask, Handle, (uint)State);
    }

    public void DeliverResolve()
    {
        _isResolveDelivered = true;
        if (_lenders is not { } lenders)
            return;
        foreach ((HandleTable table, uint handle) in lenders)
            table.Get(handle).Lends--;
        _lenders = null;
    }

    public override void Drop()
    {
        if (!IsResolveDelivered)
            throw Traps.Create("cannot drop a subtask which has not yet resolved");
        base.Drop();
    }
}
