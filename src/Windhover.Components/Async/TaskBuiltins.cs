using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Async;

// The built-ins of tasks, subtasks, waitable sets and contexts (Canonical ABI, "Canonical Definitions"). Comments of the rules stand in GuestTask,
// Waitable and Subtask.
internal static class TaskBuiltins
{
    /// <summary>An answer of operations that go on: subtask.cancel, stream.read and their like.</summary>
    public const uint Blocked = 0xffff_ffff;

    private static readonly FunctionType s_none = new([], []);
    private static readonly FunctionType s_toI32 = new([], [ValueKind.I32]);
    private static readonly FunctionType s_i32 = new([ValueKind.I32], []);
    private static readonly FunctionType s_i32ToI32 = new([ValueKind.I32], [ValueKind.I32]);
    private static readonly FunctionType s_twoToI32 = new([ValueKind.I32, ValueKind.I32], [ValueKind.I32]);
    private static readonly FunctionType s_two = new([ValueKind.I32, ValueKind.I32], []);

    public static HostFunction Return(int instance, ValType? result, CanonicalOptions options)
    {
        var shape = new FuncType([], result);
        CoreSignature signature = shape.FlattenForTaskReturn();
        return new Builtin(Signatures.Of(signature), instance, (root, guest, values) =>
        {
            GuestTask task = AsyncTask(root, "task.return");
            if (task.Function.Type.Result != result)
                throw Traps.Create("invalid `task.return` signature and/or options for current task");
            CanonicalOptions own = task.Function.Options;
            if (own.Encoding != options.Encoding || (options.MemorySlot >= 0 && own.MemorySlot != options.MemorySlot))
                throw Traps.Create("invalid `task.return` signature and/or options for current task");
            var cx = new CanonicalContext(root, options);
            task.Return(ref cx, values, signature.ParametersInMemory);
        });
    }

    public static HostFunction Cancel(int instance) => new Builtin(s_none, instance, (root, _, _) => AsyncTask(root, "task.cancel").Cancel());

    public static HostFunction ContextGet(int instance, CoreValueType type, int slot) => new Builtin(
        new FunctionType([], [Kind(type)]), instance, (root, _, values) => values[0] = root.Context(slot), leaves: false);

    public static HostFunction ContextSet(int instance, CoreValueType type, int slot) => new Builtin(
        new FunctionType([Kind(type)], []),
        instance,
        (root, _, values) => root.Context(slot) = type == CoreValueType.I64 ? values[0].U64 : values[0].U32,
        leaves: false);

    public static HostFunction BackpressureInc(int instance) => new Builtin(s_none, instance, (_, guest, _) =>
    {
        if (++guest.Backpressure >= 1 << 16)
            throw Traps.Create("backpressure counter overflow");
    }, leaves: false);

    public static HostFunction BackpressureDec(int instance) => new Builtin(s_none, instance, (_, guest, _) =>
    {
        if (--guest.Backpressure < 0)
            throw Traps.Create("backpressure counter underflow");
        if (guest.Backpressure == 0)
            guest.WakeEntering();
    }, leaves: false);

    public static HostFunction Yield(int instance) => new Builtin(s_toI32, instance, (root, _, values) =>
    {
        GuestTask? task = root.CurrentTask;
        if (task is not null && task.TakeCancel())
        {
            values[0] = 1u;
            return;
        }

        task?.YieldStack();
        values[0] = 0u;
    });

    public static HostFunction SetNew(int instance) => new Builtin(
        s_toI32, instance, (_, guest, values) => values[0] = guest.Handles.AddObject(new WaitableSet()));

    public static HostFunction SetWait(int instance, CanonicalOptions memory, bool cancellable) => new Builtin(
        s_twoToI32, instance, (root, guest, values) =>
        {
            WaitableSet set = Set(guest, values[0].U32);
            GuestTask? task = root.CurrentTask;
            if (cancellable && task is not null && task.TakeCancel())
            {
                Store(root, memory, values, new GuestEvent(EventCode.TaskCancelled));
                return;
            }

            set.Waiting++;
            Block(root, () => set.HasPendingEvent);
            set.Waiting--;
            Store(root, memory, values, set.TakePendingEvent());
        });

    public static HostFunction SetPoll(int instance, CanonicalOptions memory, bool cancellable) => new Builtin(
        s_twoToI32, instance, (root, guest, values) =>
        {
            WaitableSet set = Set(guest, values[0].U32);
            bool cancelled = cancellable && root.CurrentTask is { } task && task.TakeCancel();
            Store(root, memory, values, cancelled ? new GuestEvent(EventCode.TaskCancelled) : set.HasPendingEvent ? set.TakePendingEvent() : default);
        });

    public static HostFunction SetDrop(int instance) => new Builtin(s_i32, instance, (_, guest, values) =>
    {
        Set(guest, values[0].U32).Drop();
        guest.Handles.Remove(values[0].U32);
    });

    public static HostFunction Join(int instance) => new Builtin(s_two, instance, (_, guest, values) =>
    {
        Waitable waitable = guest.Handles.GetObject<Waitable>(values[0].U32, "waitable");
        if (waitable.HasSyncWaiter)
            throw Traps.Create("waitable cannot join a set while a stack is blocked on it");
        waitable.Join(values[1].U32 == 0 ? null : Set(guest, values[1].U32));
    });

    public static HostFunction SubtaskCancel(int instance, bool isAsync) => new Builtin(s_i32ToI32, instance, (root, guest, values) =>
    {
        Subtask subtask = guest.Handles.GetObject<Subtask>(values[0].U32, "subtask");
        if (subtask.IsResolveDelivered)
            throw Traps.Create("`subtask.cancel` called after terminal status delivered");
        if (subtask.CancellationRequested)
            throw Traps.Create("`subtask.cancel` called more than once on the same subtask");
        if (subtask.Set is not null && !isAsync)
            throw Traps.Create("waitable cannot be used synchronously while added to a waitable set");
        if (!subtask.IsResolved)
        {
            subtask.CancellationRequested = true;
            subtask.OnCancel?.Invoke();
            if (!subtask.IsResolved)
            {
                if (isAsync)
                {
                    values[0] = Blocked;
                    return;
                }

                BlockOn(root, subtask);
            }
        }

        values[0] = subtask.TakePendingEvent().Payload;
    });

    public static HostFunction SubtaskDrop(int instance) => new Builtin(s_i32, instance, (_, guest, values) =>
    {
        guest.Handles.GetObject<Subtask>(values[0].U32, "subtask").Drop();
        guest.Handles.Remove(values[0].U32);
    });

    /// <summary>Blocks the running stack; a synchronous call cannot.</summary>
    public static void Block(ComponentInstance root, Func<bool> ready)
    {
        if (ready())
            return;
        GuestTask task = root.CurrentTask ?? throw Traps.Create("cannot block a synchronous task before returning");
        task.Block(ready);
    }

    /// <summary>Blocks the running stack until one waitable has its event (Waitable.wait_for_pending_event).</summary>
    public static void BlockOn(ComponentInstance root, Waitable waitable)
    {
        waitable.HasSyncWaiter = true;
        Block(root, () => waitable.HasPendingEvent);
        waitable.HasSyncWaiter = false;
    }

    private static WaitableSet Set(GuestInstance guest, uint index) => guest.Handles.GetObject<WaitableSet>(index, "waitable set");

    private static GuestTask AsyncTask(ComponentInstance root, string what) =>
        root.CurrentTask is { Function.Options.IsAsync: true } task
            ? task
            : throw Traps.Create($"`{what}` called in a task that was not lifted asynchronously");

    private static void Store(ComponentInstance root, CanonicalOptions memory, Span<RawValue> values, GuestEvent happened)
    {
        var cx = new CanonicalContext(root, memory);
        uint address = cx.CheckBlock(values[1].U32, 8, 4);
        cx.StoreU32(address, happened.Index);
        cx.StoreU32(address + 4, happened.Payload);
        values[0] = (uint)happened.Code;
    }

    private static ValueKind Kind(CoreValueType type) => type == CoreValueType.I64 ? ValueKind.I64 : ValueKind.I32;
}
