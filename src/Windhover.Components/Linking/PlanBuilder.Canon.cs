using Windhover.Components.Abi;
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
                if (type.IsAsync || lift.Options.Async)
                {
                    throw Asynchronous("an asynchronous export");
                }

                int slot = _plan.FunctionSlot(frame.CoreFuncs[lift.CoreFunc]);
                frame.Funcs.Add(new Entity.Lifted(new LiftedFunction(type, Options(frame, lift.Options), slot)));
                break;
            case CanonExpr.Lower lower:
                frame.CoreFuncs.Add(new CoreItem.Host(Lower(frame, frame.Funcs[lower.Func], Options(frame, lower.Options))));
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
                throw Asynchronous($"the built-in {expr.GetType().Name}");
        }
    }

    private static HostFunction Lower(Frame frame, Entity target, CanonicalOptions options)
    {
        if (options.IsAsync)
        {
            throw Asynchronous("an asynchronously lowered import");
        }

        return target switch
        {
            Entity.HostFunction host when host.Type.IsAsync => throw Asynchronous($"the asynchronous import `{host.Name}`"),
            Entity.HostFunction host => new LoweredHostFunction(host, options),
            Entity.Lifted lifted => new LoweredGuestFunction(lifted.Target, options),
            _ => throw new LinkException("canon lower of something that is no function."),
        };
    }

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

    private static LinkException Asynchronous(string what) => new(
        $"The component uses {what}. This version hosts synchronous components (WASI 0.2) only.");
}
