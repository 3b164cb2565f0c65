using Windhover.Components.Abi;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Async;

/// <summary>Who called a <see cref="GuestTask"/>: gives the arguments when it starts, takes the result. Every method is called in a turn, at most once.</summary>
internal abstract class TaskCaller
{
    /// <summary>Lowers the arguments into the callee: flat, or, when they are more than 16 core values, into a block whose address is the first.</summary>
    public abstract void LowerArguments(ref CanonicalContext callee, scoped Span<RawValue> values, FuncType type);

    /// <summary>Lifts the result.</summary>
    /// <param name="callee">Where from.</param>
    /// <param name="values">The flat result, or its address.</param>
    /// <param name="type">The function.</param>
    /// <param name="inMemory">Whether the first value is an address.</param>
    public abstract void Return(ref CanonicalContext callee, scoped ReadOnlySpan<RawValue> values, FuncType type, bool inMemory);

    /// <summary>The task was cancelled and has no result.</summary>
    public abstract void Cancelled();

    /// <summary>The result as a dynamic value.</summary>
    protected static object? LiftDynamic(ref CanonicalContext callee, scoped ReadOnlySpan<RawValue> values, ValType result, bool inMemory)
    {
        int elements = 0;
        int at = 0;
        return inMemory
            ? DynamicLift.Load(ref callee, callee.CheckBlock(values[0].U32, result.Size, result.Alignment), result, ref elements)
            : DynamicLift.Flat(ref callee, values, ref at, result, ref elements);
    }
}

/// <summary>A call from the host that somebody awaits. The result of one whose caller has gone is dropped.</summary>
internal abstract class HostTaskCaller<T>(Scheduler scheduler) : TaskCaller
{
    public Outcome<T> Outcome { get; } = new();

    /// <summary>What the cancelled call ends with.</summary>
    public CancellationToken Cancellation { get; set; }

    public override void Cancelled()
    {
        scheduler.Awaited--;
        Outcome.Cancel(Cancellation);
    }

    public override void Return(ref CanonicalContext callee, scoped ReadOnlySpan<RawValue> values, FuncType type, bool inMemory)
    {
        T result = Lift(ref callee, values, type, inMemory);
        scheduler.Awaited--;
        Outcome.Set(result);
    }

    protected abstract T Lift(ref CanonicalContext callee, scoped ReadOnlySpan<RawValue> values, FuncType type, bool inMemory);
}

/// <summary>A call from the host on dynamic values.</summary>
internal sealed class DynamicTaskCaller(Scheduler scheduler, object?[] arguments) : HostTaskCaller<object?>(scheduler)
{
    public override void LowerArguments(ref CanonicalContext callee, scoped Span<RawValue> values, FuncType type) =>
        DynamicCall.LowerParameters(ref callee, values, type, arguments);

    protected override object? Lift(ref CanonicalContext callee, scoped ReadOnlySpan<RawValue> values, FuncType type, bool inMemory) =>
        type.Result is { } result ? LiftDynamic(ref callee, values, result, inMemory) : null;
}
