using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Async;

// The caller's side of a call that may outlast the lowered function (Canonical ABI, `canon lower`):
//
//   core code calls ─► arguments kept flat ─► callee starts: LiftArguments ─► callee resolves: Resolve lowers the result into the caller
//                                └─ Finish: over?  yes → RETURNED, or the flat result
//                                           no   → async: a subtask's handle | state     sync: the stack blocks until it is over
internal sealed class SubtaskCall : TaskCaller
{
    private readonly ComponentInstance _root;
    private readonly CanonicalOptions _options;
    private readonly FuncType _type;
    private readonly RawValue[] _values;

    public SubtaskCall(ComponentInstance root, CanonicalOptions options, FuncType type, ReadOnlySpan<RawValue> values)
    {
        _root = root;
        _options = options;
        _type = type;
        _values = values.ToArray();
    }

    public Subtask Subtask { get; } = new();

    private GuestInstance Guest => _root.Guests[_options.InstanceIndex];

    public override void LowerArguments(ref CanonicalContext callee, scoped Span<RawValue> values, FuncType type)
    {
        var cx = new CanonicalContext(_root, _options);
        object?[] arguments = DynamicCall.LiftParameters(
            ref cx, _values, _type, _options.IsAsync ? FuncType.MaxFlatAsyncParams : FuncType.MaxFlatParams);
        for (int i = 0; i < cx.Lends.Count; i++)
            Subtask.AddLender(cx.Guest.Handles, cx.Lends[i]);
        Subtask.Started();
        DynamicCall.LowerParameters(ref callee, values, type, arguments);
    }

    public override void Return(ref CanonicalContext callee, scoped ReadOnlySpan<RawValue> values, FuncType type, bool inMemory)
    {
        if (type.Result is { } resultType)
        {
            object? result = LiftDynamic(ref callee, values, resultType, inMemory);
            var cx = new CanonicalContext(_root, _options);
            DynamicCall.LowerResult(ref cx, _values, _type, result, _options.IsAsync);
        }

        Subtask.Resolve(SubtaskState.Returned);
    }

    public override void Cancelled() =>
        Subtask.Resolve(Subtask.State == SubtaskState.Starting ? SubtaskState.CancelledBeforeStarted : SubtaskState.CancelledBeforeReturned);

    /// <summary>Answers the core code that called.</summary>
    public void Finish(Span<RawValue> values)
    {
        if (!_options.IsAsync)
        {
            if (!Subtask.IsResolved)
                TaskBuiltins.Block(_root, () => Subtask.IsResolved);
            Subtask.DeliverResolve();
            if (values.Length > 0)
                values[0] = _values[0];
            return;
        }

        if (Subtask.IsResolved)
        {
            Subtask.DeliverResolve();
            values[0] = (uint)SubtaskState.Returned;
            return;
        }

        Subtask.Handle = Guest.Handles.AddObject(Subtask);
        values[0] = (uint)Subtask.State | (Subtask.Handle << 4);
    }
}
