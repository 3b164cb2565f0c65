using Windhover.Components.Abi;
using Windhover.Components.Async;
using Windhover.Components.Binary;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Components.Linking;

internal sealed partial class PlanBuilder
{
    private void Canon(Frame frame, CanonExpr expr)
    {
        switch (expr)
        {
            case CanonExpr.Lift lift:
                FuncType type = ((Entity.Function)frame.Types[lift.Type]).Type;
                int slot = _plan.FunctionSlot(frame.CoreFuncs[lift.CoreFunc]);
                frame.Funcs.Add(new Entity.Lifted(new LiftedFunction(type, Options(frame, lift.Options), slot)));
                break;
            case CanonExpr.Lower lower:
                frame.CoreFuncs.Add(new CoreItem.Host(Lower(frame.Funcs[lower.Func], Options(frame, lower.Options))));
                break;
            case CanonExpr.ResourceNew resource:
                frame.CoreFuncs.Add(new CoreItem.Host(new ResourceNew(ResourceAt(frame, resource.Type), frame.InstanceIndex)));
                break;
            case CanonExpr.ResourceDrop resource:
                frame.CoreFuncs.Add(new CoreItem.Host(new ResourceDrop(ResourceAt(frame, resource.Type), frame.InstanceIndex)));
                break;
            case CanonExpr.ResourceRep resource:
                frame.CoreFuncs.Add(new CoreItem.Host(new ResourceRep(ResourceAt(frame, resource.Type), frame.InstanceIndex)));
                break;
            default:
                frame.CoreFuncs.Add(new CoreItem.Host(AsyncBuiltin(frame, expr)));
                break;
        }
    }

    private HostFunction Lower(Entity target, CanonicalOptions options)
    {
        _plan.BlocksStacks |= !options.IsAsync && target is (Entity.HostFunction { AsyncHandler: not null } or Entity.Lifted { Target.IsSynchronous: false });
        return target switch
        {
            Entity.HostFunction host when host.AsyncHandler is not null || options.IsAsync => new LoweredAsyncHostFunction(host, options),
            Entity.HostFunction host => new LoweredHostFunction(host, options),
            Entity.Lifted lifted => new LoweredGuestFunction(lifted.Target, options),
            _ => throw new LinkException("canon lower of something that is no function."),
        };
    }

    private HostFunction AsyncBuiltin(Frame frame, CanonExpr expr)
    {
        int instance = frame.InstanceIndex;
        _plan.BlocksStacks |= expr is CanonExpr.WaitableSetWait
            or CanonExpr.StreamRead { Options.Async: false } or CanonExpr.StreamWrite { Options.Async: false }
            or CanonExpr.FutureRead { Options.Async: false } or CanonExpr.FutureWrite { Options.Async: false }
            or CanonExpr.SubtaskCancel { Async: false };
        return expr switch
        {
            CanonExpr.TaskReturn c => TaskBuiltins.Return(instance, Optional(frame, c.Result), Options(frame, c.Options)),
            CanonExpr.TaskCancel => TaskBuiltins.Cancel(instance),
            CanonExpr.ContextGet c => TaskBuiltins.ContextGet(instance, c.Type, c.Slot),
            CanonExpr.ContextSet c => TaskBuiltins.ContextSet(instance, c.Type, c.Slot),
            CanonExpr.BackpressureInc => TaskBuiltins.BackpressureInc(instance),
            CanonExpr.BackpressureDec => TaskBuiltins.BackpressureDec(instance),
            CanonExpr.ThreadYield => TaskBuiltins.Yield(instance),
            CanonExpr.WaitableSetNew => TaskBuiltins.SetNew(instance),
            CanonExpr.WaitableSetWait c => TaskBuiltins.SetWait(instance, MemoryOnly(frame, c.Memory), c.Cancellable),
            CanonExpr.WaitableSetPoll c => TaskBuiltins.SetPoll(instance, MemoryOnly(frame, c.Memory), c.Cancellable),
            CanonExpr.WaitableSetDrop => TaskBuiltins.SetDrop(instance),
            CanonExpr.WaitableJoin => TaskBuiltins.Join(instance),
            CanonExpr.SubtaskCancel c => TaskBuiltins.SubtaskCancel(instance, c.Async),
            CanonExpr.SubtaskDrop => TaskBuiltins.SubtaskDrop(instance),
            CanonExpr.StreamNew c => CopyBuiltins.New(instance, ElementOf(frame, c.Type), isStream: true),
            CanonExpr.StreamRead c => CopyBuiltins.Copy<ReadableEnd>(instance, ElementOf(frame, c.Type), true, Options(frame, c.Options)),
            CanonExpr.StreamWrite c => CopyBuiltins.Copy<WritableEnd>(instance, ElementOf(frame, c.Type), true, Options(frame, c.Options)),
            CanonExpr.StreamCancelRead c => CopyBuiltins.CancelCopy<ReadableEnd>(instance, ElementOf(frame, c.Type), true, c.Async),
            CanonExpr.StreamCancelWrite c => CopyBuiltins.CancelCopy<WritableEnd>(instance, ElementOf(frame, c.Type), true, c.Async),
            CanonExpr.StreamDropReadable c => CopyBuiltins.Drop<ReadableEnd>(instance, ElementOf(frame, c.Type), true),
            CanonExpr.StreamDropWritable c => CopyBuiltins.Drop<WritableEnd>(instance, ElementOf(frame, c.Type), true),
            CanonExpr.FutureNew c => CopyBuiltins.New(instance, ElementOf(frame, c.Type), isStream: false),
            CanonExpr.FutureRead c => CopyBuiltins.Copy<ReadableEnd>(instance, ElementOf(frame, c.Type), false, Options(frame, c.Options)),
            CanonExpr.FutureWrite c => CopyBuiltins.Copy<WritableEnd>(instance, ElementOf(frame, c.Type), false, Options(frame, c.Options)),
            CanonExpr.FutureCancelRead c => CopyBuiltins.CancelCopy<ReadableEnd>(instance, ElementOf(frame, c.Type), false, c.Async),
            CanonExpr.FutureCancelWrite c => CopyBuiltins.CancelCopy<WritableEnd>(instance, ElementOf(frame, c.Type), false, c.Async),
            CanonExpr.FutureDropReadable c => CopyBuiltins.Drop<ReadableEnd>(instance, ElementOf(frame, c.Type), false),
            CanonExpr.FutureDropWritable c => CopyBuiltins.Drop<WritableEnd>(instance, ElementOf(frame, c.Type), false),
            CanonExpr.ErrorContextNew c => CopyBuiltins.ErrorNew(instance, Options(frame, c.Options)),
            CanonExpr.ErrorContextDebugMessage c => CopyBuiltins.ErrorMessage(instance, Options(frame, c.Options)),
            CanonExpr.ErrorContextDrop => CopyBuiltins.ErrorDrop(instance),
            _ => ThreadBuiltins.Create(instance, expr),
        };
    }

    private static ValType? ElementOf(Frame frame, int type) => ((Entity.Value)frame.Types[type]).Type switch
    {
        StreamType stream => stream.Element,
        FutureType future => future.Element,
        var other => throw new LinkException($"`{other}` is no stream or future."),
    };

    private CanonicalOptions MemoryOnly(Frame frame, int memory) =>
        new(frame.InstanceIndex, MemorySlot: _plan.MemorySlot(frame.CoreMemories[memory]));

    private CanonicalOptions Options(Frame frame, CanonOptions options) => new(
        frame.InstanceIndex,
        options.Encoding switch
        {
            Binary.StringEncoding.Utf16 => Abi.StringEncoding.Utf16,
            Binary.StringEncoding.Latin1Utf16 => Abi.StringEncoding.Latin1OrUtf16,
            _ => Abi.StringEncoding.Utf8,
        },
        options.Memory is { } memory ? _plan.MemorySlot(frame.CoreMemories[memory]) : -1,
        options.Realloc is { } realloc ? _plan.FunctionSlot(frame.CoreFuncs[realloc]) : -1,
        options.PostReturn is { } post ? _plan.FunctionSlot(frame.CoreFuncs[post]) : -1,
        options.Async,
        options.Callback is { } callback ? _plan.FunctionSlot(frame.CoreFuncs[callback]) : -1);
}
