using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Resources;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Async;

// One call of a lifted function (Canonical ABI, "Task" and `canon lift`), in the three forms in which a guest can be written:
//
//   synchronous   core function runs to its end, the result is lifted from what it returns, post-return
//   callback      core function returns a code: EXIT, YIELD or WAIT(set). On the latter two the task is parked, without a stack; when its
//                 event comes, the callback is called in a new turn and returns the next code. The result comes by task.return.
//   stackful      core function runs to its end and blocks on the way as it likes (Scheduler.BlockUntil). The result comes by task.return.
//
//   Start ─► backpressure? ─► parked until there is room ─► arguments are lowered ─► core function ─► …
//
// Tasks of a synchronous or callback form need the instance for themselves while they run ("exclusive"): a parked callback task gives it free.
internal sealed class GuestTask : ParkedTask, ITurn
{
    private readonly TaskCaller _caller;
    private readonly GuestInstance _guest;
    private TaskState _state;
    private WaitableSet? _waitingFor;
    private Step _step;
    private bool _exclusive;
    private ulong _storage0;
    private ulong _storage1;

    /// <param name="root">The running component.</param>
    /// <param name="function">What is called.</param>
    /// <param name="caller">Gives the arguments and takes the result.</param>
    /// <param name="mark">The host's; see <see cref="ExportTask.MarkNext"/>.</param>
    public GuestTask(ComponentInstance root, LiftedFunction function, TaskCaller caller, object? mark)
        : base(root.Scheduler)
    {
        Root = root;
        Function = function;
        _guest = root.Guests[function.Options.InstanceIndex];
        _caller = caller;
        Mark = mark;
    }

    private enum TaskState : byte
    {
        Initial,
        Started,
        PendingCancel,
        CancelDelivered,
        Resolved,
    }

    private enum Step : byte
    {
        Enter,
        Yielded,
        Waiting,
        Done,
    }

    public ComponentInstance Root { get; }

    public LiftedFunction Function { get; }

    /// <summary>The host's mark on the call that this one belongs to.</summary>
    public object? Mark { get; }

    public GuestInstance Guest => _guest;

    public BorrowScope Borrows { get; } = new();

    /// <summary>context.get and context.set of the task's thread.</summary>
    public ref ulong Storage(int slot)
    {
        if (slot == 0)
            return ref _storage0;
        return ref _storage1;
    }

    public bool IsResolved => _state == TaskState.Resolved;

    /// <summary>Whether its core function has returned for good.</summary>
    public bool IsDone => _step == Step.Done;

    public override bool HasYielded => _step == Step.Yielded;

    private bool NeedsExclusive => !Function.Options.IsAsync || Function.Options.CallbackSlot >= 0;

    private bool HasBackpressure => _guest.Backpressure > 0 || (NeedsExclusive && _guest.Exclusive is not null);

    /// <summary>A turn of the host's: begins a call that somebody awaits.</summary>
    public void Run()
    {
        Root.Scheduler.Awaited++;
        Start(null);
    }

    /// <summary>The host gives the call up. Any thread.</summary>
    public void PostCancellation() => Root.Scheduler.Post(() => RequestCancellation(null));

    /// <summary>Calls the function from <paramref name="caller"/> (null: the host). Returns when it is over, parked or blocked in a nested turn.</summary>
    public void Start(GuestInstance? caller)
    {
        _guest.EnterFrom(caller);
        if (Function.Type.IsAsync && (HasBackpressure || _guest.HasEntering))
        {
            _step = Step.Enter;
            _guest.StartEntering(this);
        }
        else
        {
            Begin();
        }

        _guest.LeaveTo(caller);
    }

    /// <summary>A parked task's turn.</summary>
    protected override bool Resume()
    {
        switch (_step)
        {
            case Step.Enter when _guest.IsEntering(this):
                if (HasBackpressure)
                    return false;
                _guest.StopEntering(this);
                _guest.EnterFrom(null);
                Begin();
                _guest.LeaveTo(null);
                return true;
            case Step.Yielded:
                if (_guest.Exclusive is not null)
                {
                    _guest.WantExclusive(this);
                    return false;
                }

                CallbackInTurn(TakeCancel() ? new GuestEvent(EventCode.TaskCancelled) : default);
                return true;
            case Step.Waiting:
                bool cancelled = _state == TaskState.PendingCancel;
                if (!cancelled && !_waitingFor!.HasPendingEvent)
                    return false;
                if (_guest.Exclusive is not null)
                {
                    _guest.WantExclusive(this);
                    return false;
                }

                WaitableSet set = _waitingFor!;
                set.Unpark(this);
                set.Waiting--;
                _waitingFor = null;
                CallbackInTurn(TakeCancel() ? new GuestEvent(EventCode.TaskCancelled) : set.TakePendingEvent());
                return true;
            default:
                return false;
        }
    }

    private void CallbackInTurn(GuestEvent happened)
    {
        _guest.EnterFrom(null);
        Callback(happened);
        _guest.LeaveTo(null);
    }

    private void Begin()
    {
        if (Function.Type.IsAsync && NeedsExclusive)
            TakeExclusive();
        ComponentInstance.SyncFrame outer = Root.PushTask(this);
        var cx = new CanonicalContext(Root, Function.Options) { Borrows = Borrows };
        Span<RawValue> values = stackalloc RawValue[Types.FuncType.MaxFlatParams];
        values.Clear();
        _state = TaskState.Started;
        _caller.LowerArguments(ref cx, values, Function.Type);
        Root.GetFunction(Function.CoreSlot).Call(Root.Store, values);
        if (!Function.Options.IsAsync)
        {
            cx.Refresh();
            RawValue flat = values[0];
            Return(ref cx, values, Function.Type.FlatResultCount > Types.FuncType.MaxFlatResults);
            DynamicCall.PostReturn(Root, Function, flat, _guest);
            Root.PopSyncFrame(outer);
            Exit();
            return;
        }

        Root.PopSyncFrame(outer);
        if (Function.Options.CallbackSlot < 0)
        {
            Exit();
        }
        else
        {
            Next(values[0].U32);
        }
    }

    private void Callback(GuestEvent happened)
    {
        TakeExclusive();
        ComponentInstance.SyncFrame outer = Root.PushTask(this);
        Span<RawValue> values = stackalloc RawValue[3];
        values[0] = (uint)happened.Code;
        values[1] = happened.Index;
        values[2] = happened.Payload;
        Root.GetFunction(Function.Options.CallbackSlot).Call(Root.Store, values);
        Root.PopSyncFrame(outer);
        Next(values[0].U32);
    }

    /// <summary>What the core function or callback asks for next: the low 4 bits, and a waitable set's index above them.</summary>
    private void Next(uint packed)
    {
        switch (packed & 0xf)
        {
            case 0:
                Exit();
                break;
            case 1:
                ReleaseExclusive();
                _step = Step.Yielded;
                Wake();
                break;
            case 2:
                WaitableSet set = _guest.Handles.GetObject<WaitableSet>(packed >> 4, "waitable set");
                ReleaseExclusive();
                _step = Step.Waiting;
                _waitingFor = set;
                set.Waiting++;
                set.Park(this);
                if (set.HasPendingEvent || _state == TaskState.PendingCancel)
                    Wake();
                break;
            default:
                throw Traps.Create($"unsupported callback code: {packed & 0xf}");
        }
    }

    private void Exit()
    {
        ReleaseExclusive();
        _step = Step.Done;
        if (_state != TaskState.Resolved)
            throw Traps.Create("async-lifted export failed to produce a result");
    }

    private void TakeExclusive()
    {
        _exclusive = true;
        _guest.Exclusive = this;
    }

    private void ReleaseExclusive()
    {
        if (!_exclusive)
            return;
        _exclusive = false;
        _guest.ReleaseExclusive();
    }

    /// <summary>task.return, and the return of a synchronous function.</summary>
    public void Return(ref CanonicalContext cx, scoped ReadOnlySpan<RawValue> values, bool inMemory)
    {
        if (_state == TaskState.Resolved)
            throw Traps.Create("`task.return` or `task.cancel` called more than once for current task");
        CheckBorrows();
        _caller.Return(ref cx, values, Function.Type, inMemory);
        _state = TaskState.Resolved;
    }

    /// <summary>task.cancel: the guest accepts that it was cancelled.</summary>
    public void Cancel()
    {
        if (_state != TaskState.CancelDelivered)
            throw Traps.Create(_state == TaskState.Resolved
                ? "`task.return` or `task.cancel` called more than once for current task"
                : "`task.cancel` called by task which has not been cancelled");
        CheckBorrows();
        _caller.Cancelled();
        _state = TaskState.Resolved;
    }

    /// <summary>The caller gives the call up (Task.request_cancellation).</summary>
    public void RequestCancellation(GuestInstance? caller)
    {
        if (_state == TaskState.Initial)
        {
            _state = TaskState.Resolved;
            _guest.StopEntering(this);
            _step = Step.Done;
            _caller.Cancelled();
            return;
        }

        if (_state != TaskState.Started)
            return;
        _state = TaskState.PendingCancel;
        bool parked = _step is Step.Waiting or Step.Yielded && !IsDone;
        if (!parked || _guest.Exclusive is not null || !_guest.MayEnterFrom(caller))
        {
            if (parked)
                Wake();
            return;
        }

        // Delivered at once, as the reference does: the canceller learns of the answer in the same call.
        _waitingFor?.Unpark(this);
        if (_waitingFor is not null)
            _waitingFor.Waiting--;
        _waitingFor = null;
        _step = Step.Enter;
        _guest.EnterFrom(caller);
        _state = TaskState.CancelDelivered;
        Callback(new GuestEvent(EventCode.TaskCancelled));
        _guest.LeaveTo(caller);
    }

    /// <summary>Whether a cancellation is pending and is delivered now (Task.deliver_pending_cancel).</summary>
    public bool TakeCancel()
    {
        if (_state != TaskState.PendingCancel)
            return false;
        _state = TaskState.CancelDelivered;
        return true;
    }

    /// <summary>
    /// Blocks the task's stack until <paramref name="ready"/> holds. The instances that the stack stands in may be entered by others meanwhile.
    /// </summary>
    public void Block(Func<bool> ready)
    {
        if (ready())
            return;
        if (Root.IsInSyncCall)
            throw Traps.Create("cannot block a synchronous task before returning");
        bool[] entered = Root.SuspendEntered();
        ComponentInstance.SyncFrame frame = Root.PushSyncFrame();
        Root.PopSyncFrame(default);
        Root.Scheduler.BlockUntil(ready);
        Root.PopSyncFrame(frame);
        Root.ResumeEntered(entered);
    }

    /// <summary>Lets other turns run before this stack goes on (thread.yield).</summary>
    public void YieldStack()
    {
        if (Root.IsInSyncCall)
            return;
        bool[] entered = Root.SuspendEntered();
        ComponentInstance.SyncFrame frame = Root.PushSyncFrame();
        Root.PopSyncFrame(default);
        Root.Scheduler.RunOthers();
        Root.PopSyncFrame(frame);
        Root.ResumeEntered(entered);
    }

    private void CheckBorrows()
    {
        if (Borrows.Count > 0)
            throw Traps.Create("borrow handles still remain at the end of the call");
    }
}
