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
    private List<(HandleTable Table, uint Handle)>? _lenders = [];

    public SubtaskState State { get; set; } = SubtaskState.Starting;

    public bool CancellationRequested { get; set; }

    /// <summary>Asks the callee to cancel. The caller's instance is passed.</summary>
    public Action? OnCancel { get; set; }

    /// <summary>Called when the state changed while the caller does not wait on its stack.</summary>
    public Action? OnProgress { get; set; }

    public bool IsResolved => State >= SubtaskState.Returned;

    public bool IsResolveDelivered => _lenders is null;

    public void AddLender(HandleTable table, uint handle) => _lenders!.Add((table, handle));

    public void Started()
    {
        State = SubtaskState.Started;
        OnProgress?.Invoke();
    }

    public void Resolve(SubtaskState state)
    {
        State = state;
        OnProgress?.Invoke();
    }

    public void DeliverResolve()
    {
        foreach ((HandleTable table, uint handle) in _lenders!)
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
