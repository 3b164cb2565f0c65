using Windhover.Components.Abi;
using Windhover.Components.Async;
using Windhover.Components.Values;

namespace Windhover.Components.Linking;

public sealed partial class ComponentInstance
{
    private Scheduler? _scheduler;
    private SyncFrame _frame;
    private bool _isCalledDirectly;
    private Action? _beforeTurns;
    private Action? _afterTurns;
    private bool _expectsCalls;

    /// <summary>
    /// The turns of the component: made when something asynchronous happens in it for the first time. That may be on several threads at once, and there must be one: turns of
    /// two schedulers would run beside each other in one store.
    /// </summary>
    internal Scheduler Scheduler => Volatile.Read(ref _scheduler) ?? MakeScheduler();

    private Scheduler MakeScheduler()
    {
        var made = new Scheduler(_isCalledDirectly) { BeforeTurns = _beforeTurns, AfterTurns = _afterTurns, ExpectsCalls = _expectsCalls };
        return Interlocked.CompareExchange(ref _scheduler, made, null) ?? made;
    }

    /// <summary>
    /// Called before turns of the instance run, on the thread that runs them: the place to renew the store's deadline where asynchronous calls come and go. Set it before
    /// the first call.
    /// </summary>
    public Action? BeforeTurns
    {
        get => _beforeTurns;
        set => _beforeTurns = value;
    }

    /// <summary>Called when no turn of the instance is left, on the thread that ran them: it may wait for long. Set it before the first call.</summary>
    public Action? AfterTurns
    {
        get => _afterTurns;
        set => _afterTurns = value;
    }

    /// <summary>
    /// Whether calls may come at any time, as they do in a server. Then a guest may wait for what another call brings. Otherwise (default) a guest that waits while nothing
    /// of it can run and nothing outside is under way traps with "deadlock detected", since it would wait for ever. Set it before the first call.
    /// </summary>
    public bool ExpectsCalls
    {
        get => _expectsCalls;
        set => _expectsCalls = value;
    }

    /// <summary>Whether a trap has ended the instance: every call of it fails.</summary>
    public bool HasEnded => _scheduler?.Failure is not null;

    /// <summary>Whether a synchronous call has to be made in a turn, and none runs on this thread.</summary>
    internal bool NeedsTurn => _scheduler is { IsInTurn: false };

    // A synchronous call before there is a scheduler is a turn of its own: one that is made meanwhile, for a stream, waits until the call is over.
    private object? CallDirectly(ExportedFunction function, object?[] arguments)
    {
        if (!BeginDirectCall())
            return DynamicCall.Call(this, function.Lifted, arguments, caller: null);
        try
        {
            return DynamicCall.Call(this, function.Lifted, arguments, caller: null);
        }
        finally
        {
            EndDirectCall();
        }
    }

    /// <summary>A synchronous call begins. True: it is a turn of its own, to be ended with <see cref="EndDirectCall"/>.</summary>
    internal bool BeginDirectCall()
    {
        if (NeedsTurn)
            throw new InvalidOperationException("The instance has asynchronous calls under way: a synchronous one has to be made in a turn (ExportTask.Run).");
        if (_scheduler is not null || _isCalledDirectly)
            return false;
        return _isCalledDirectly = true;
    }

    internal void EndDirectCall()
    {
        _isCalledDirectly = false;
        _scheduler?.DrainHere();
    }

    /// <summary>The mark of the asynchronous call whose code runs (<see cref="ExportTask.MarkNext"/>); to be read in host functions, before they wait.</summary>
    public object? CallMark => _frame.Mark;

    /// <summary>The asynchronous task whose core code runs; null while a synchronous function runs, or nothing.</summary>
    internal GuestTask? CurrentTask => _frame.Task;

    /// <summary>What context.get and context.set reach: of the running task, or of the running synchronous call.</summary>
    internal ref ulong Context(int slot)
    {
        if (_frame.Task is { } task)
            return ref task.Storage(slot);
        if (slot == 0)
            return ref _frame.Context0;
        return ref _frame.Context1;
    }

    /// <summary>A synchronous call begins: it has a context of its own, and is no task that could block.</summary>
    internal SyncFrame PushSyncFrame()
    {
        SyncFrame outer = _frame;
        _frame = default;
        _frame.Depth = outer.Depth + 1;
        _frame.Mark = outer.Mark;
        return outer;
    }

    /// <summary>A task's core code begins or goes on.</summary>
    internal SyncFrame PushTask(GuestTask task)
    {
        SyncFrame outer = _frame;
        _frame = new SyncFrame { Task = task, Mark = task.Mark, Depth = outer.Depth + (task.Function.Type.IsAsync ? 0 : 1) };
        return outer;
    }

    internal void PopSyncFrame(in SyncFrame outer) => _frame = outer;

    /// <summary>Whether a synchronous function stands on the stack: then nothing on it can block.</summary>
    internal bool IsInSyncCall => _frame.Depth > 0;

    /// <summary>Opens all instances that the stack stands in, while it is blocked.</summary>
    internal bool[] SuspendEntered()
    {
        var entered = new bool[Guests.Length];
        for (int i = 0; i < entered.Length; i++)
        {
            entered[i] = !Guests[i].MayEnter;
            Guests[i].MayEnter = true;
        }

        return entered;
    }

    internal void ResumeEntered(bool[] entered)
    {
        for (int i = 0; i < entered.Length; i++)
            Guests[i].MayEnter = !entered[i];
    }

    /// <summary>
    /// Calls an exported function, synchronous or asynchronous, with dynamic values. The task completes when the guest returned its result;
    /// the guest may go on after that. No thread is held while the guest waits, unless it blocks a stack of its own.
    /// </summary>
    /// <param name="function">Of this component.</param>
    /// <param name="arguments">As <see cref="ComponentValues"/> says.</param>
    /// <param name="cancellationToken">Asks the guest to give the call up; it may take its time or ignore it.</param>
    /// <exception cref="ArgumentException">The arguments do not fit.</exception>
    /// <exception cref="Engine.TrapException">The guest trapped, or waits for what can never come.</exception>
    /// <exception cref="OperationCanceledException">The guest gave the call up.</exception>
    public async Task<object?> CallAsync(ExportedFunction function, object?[] arguments, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentNullException.ThrowIfNull(arguments);
        CheckPlan(function.Plan);
        ComponentValues.CheckArguments(function.Type, arguments);
        if (function.Lifted.IsSynchronous && _scheduler is null)
            return CallDirectly(function, arguments); // Its post-return belongs to the call.
        return await CallAsync(function, new DynamicTaskCaller(Scheduler, arguments), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a function as a task.</summary>
    internal ValueTask<T> CallAsync<T>(ExportedFunction function, HostTaskCaller<T> caller, CancellationToken cancellationToken)
    {
        Scheduler scheduler = Scheduler;
        bool hasEnded = scheduler.Failure is not null;
        caller.Cancellation = cancellationToken;
        var task = new GuestTask(this, function.Lifted, caller, ExportTask.TakeMark());
        if (_plan.BlocksStacks || scheduler.IsInTurn)
            scheduler.Post(task); // a stack that blocks would hold the caller's thread
        else
            scheduler.RunHere(task);
        return caller.Outcome.TryGet(out T result) ? ValueTask.FromResult(result) : AwaitAsync(scheduler, task, caller, isUnderWay: !hasEnded, cancellationToken);
    }

    private static async ValueTask<T> AwaitAsync<T>(
        Scheduler scheduler, GuestTask task, HostTaskCaller<T> caller, bool isUnderWay, CancellationToken cancellationToken)
    {
        var failed = scheduler.OnFailure(caller.Outcome.Fail, isUnderWay);
        try
        {
            using (cancellationToken.UnsafeRegister(static state => ((GuestTask)state!).PostCancellation(), task))
                return await caller.Outcome.Task.ConfigureAwait(false);
        }
        finally
        {
            scheduler.ForgetFailure(failed);
        }
    }

    /// <summary>The state of the call that runs now; saved while another one runs on top of it.</summary>
    internal struct SyncFrame
    {
        public GuestTask? Task;
        public object? Mark;
        public ulong Context0;
        public ulong Context1;
        public int Depth;
    }
}
