using Windhover.Components.Abi;
using Windhover.Components.Async;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Linking;

// A host function behind the asynchronous ABI. Four cases:
//
//   function of the host   lowered       what happens
//   async                  async         done at once: RETURNED; else a subtask, resolved in a turn of its own when the host is done
//   async                  sync          done at once, or the guest's stack blocks meanwhile
//   sync                   async         done at once, always
//   sync                   sync          LoweredHostFunction
internal sealed class LoweredAsyncHostFunction(Entity.HostFunction target, CanonicalOptions options)
    : HostFunction(Signatures.Of(target.Type.FlattenForLower(options.IsAsync)))
{
    protected override void Invoke(Store store, Span<RawValue> values)
    {
        ComponentInstance root = ComponentInstance.Of(store);
        var call = new HostCall(new CanonicalContext(root, options), values);
        if (!call.Context.Guest.MayLeave)
            Traps.CannotLeave();
        if (target.AsyncHandler is { } start)
            Start(root, start, ref call);
        else
            CallSynchronous(ref call);
    }

    private void CallSynchronous(ref HostCall call)
    {
        FuncType type = target.Type;
        var flat = new RawValue[FuncType.MaxFlatParams + 1];
        bool inMemory = type.FlatParameterCount > FuncType.MaxFlatParams;
        bool hasResult = call.ResultAddress(type, out uint result);
        if (inMemory || !call.ParametersInMemory(type))
            call.Values[..Math.Min(call.Values.Length, flat.Length)].CopyTo(flat);
        else
            RawFlat.Load(ref call.Context, call.Context.CheckBlock(call.Values[0].U32, type.ParameterTuple!.Size, type.ParameterTuple.Alignment), type.ParameterTuple, flat);
        if (type.FlatResultCount > FuncType.MaxFlatResults)
            flat[inMemory ? 1 : type.FlatParameterCount] = result;
        var inner = new HostCall(call.Context, flat);
        target.Handler!(ref inner);
        call.Context = inner.Context;
        call.Context.ReleaseLends();
        if (hasResult && type.FlatResultCount <= FuncType.MaxFlatResults)
        {
            call.Context.Refresh();
            RawFlat.Store(ref call.Context, call.Context.CheckBlock(result, type.Result!.Size, type.Result.Alignment), type.Result, flat[0]);
        }

        if (options.IsAsync)
            call.Values[0] = (uint)SubtaskState.Returned;
    }

    private void Start(ComponentInstance root, HostAsyncHandler start, ref HostCall call)
    {
        var cancellation = new CancellationTokenSource();
        HostOperation operation = start(ref call, cancellation.Token);
        if (operation.Completion.IsCompletedSuccessfully)
        {
            call.Context.Refresh();
            operation.LowerResult(ref call);
            call.Context.ReleaseLends();
            if (options.IsAsync)
                call.Values[0] = (uint)SubtaskState.Returned;
            return;
        }

        var pending = new PendingOperation(root, options, operation, cancellation, ref call);
        pending.Begin();
        pending.Finish(call.Values);
    }
}
