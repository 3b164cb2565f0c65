using Windhover.Components.Abi;
using Windhover.Components.Async;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Linking;

/// <summary>
/// A guest's function, lowered into another guest of the same component: lift from the caller, lower into the callee, and back. Neither
/// sees the other's memory.
/// </summary>
internal sealed class LoweredGuestFunction(LiftedFunction target, CanonicalOptions options)
    : HostFunction(Signatures.Of(target.Type.FlattenForLower(options.IsAsync)))
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        ComponentInstance root = ComponentInstance.Of(store);
        GuestInstance caller = root.Guests[options.InstanceIndex];
        if (!caller.MayLeave)
            Traps.CannotLeave();
        // For now the specification's tests have calls between a component and one that it contains trap, in both directions.
        if (caller.IsRelatedTo(root.Guests[target.Options.InstanceIndex]))
            Traps.CannotEnter();
        if (target.IsSynchronous && !options.IsAsync)
            InvokeSynchronous(root, caller, values);
        else
            InvokeTask(root, caller, values);
    }

    private void InvokeSynchronous(ComponentInstance root, GuestInstance caller, Span<RawValue> values)
    {
        var cx = new CanonicalContext(root, options);
        object?[] arguments = DynamicCall.LiftParameters(ref cx, values, target.Type);
        object? result = DynamicCall.Call(root, target, arguments, caller);
        cx.Refresh();
        DynamicCall.LowerResult(ref cx, values, target.Type, result);
        cx.ReleaseLends();
    }

    private void InvokeTask(ComponentInstance root, GuestInstance caller, Span<RawValue> values)
    {
        var call = new SubtaskCall(root, options, target.Type, values);
        var task = new GuestTask(root, target, call, root.CallMark);
        call.Subtask.OnCancel = () => task.RequestCancellation(caller);
        task.Start(caller);
        call.Finish(values);
    }
}
