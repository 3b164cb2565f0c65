using Windhover.Components.Async;
using Windhover.Components.Bindings;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Abi;

// The way of an asynchronous call from the host into a guest (Canonical ABI, canon_lift), seen from generated glue:
//
//   CallAsync ── turn ─► the instance has room (backpressure) ─► lower ─► core function ─► … other turns …
//   (awaits)  ◄──────────────────────────────────────────────── lift ◄─ task.return, or the return of a function that was lifted synchronously
//
// Many calls are under way at a time in one instance. Glue runs in turns, where the store is the glue's alone.

/// <summary>Calls of a component's exported functions by generated glue that outlast one stack.</summary>
public static class ExportTask
{
    /// <summary>
    /// Lowers the arguments, in a turn: flat, or, when they are more than 16 core values, into a block whose address goes into the first value.
    /// Not called when the call is cancelled before the guest had room for it.
    /// </summary>
    public delegate void LowerArguments(ref CanonicalContext context, scoped Span<RawValue> values);

    /// <summary>Lifts the result, in a turn: flat, or, when it is more than 16 core values, from the address in the first value.</summary>
    public delegate T LiftResult<T>(ref CanonicalContext context, scoped ReadOnlySpan<RawValue> values);

    [ThreadStatic]
    private static object? t_mark;

    /// <summary>
    /// Puts a mark of the host's on the next call that this thread makes by glue or <see cref="ComponentInstance.CallAsync(ExportedFunction, object?[], CancellationToken)"/>. Host functions find it under
    /// <see cref="ComponentInstance.CallMark"/>, through all turns of the call and those that it makes to other components.
    /// </summary>
    public static void MarkNext(object? mark) => t_mark = mark;

    internal static object? TakeMark()
    {
        object? mark = t_mark;
        t_mark = null;
        return mark;
    }

    /// <summary>Calls a function that returns something.</summary>
    /// <param name="instance">The instance. It may have other calls under way.</param>
    /// <param name="function">Of its component.</param>
    /// <param name="lower">Lowers the arguments.</param>
    /// <param name="lift">Lifts the result.</param>
    /// <param name="cancellationToken">Asks the guest to give the call up; it may take its time or ignore it.</param>
    /// <exception cref="TrapException">The guest trapped, in this call or another one, or waits for what can never come.</exception>
    /// <exception cref="OperationCanceledException">The guest gave the call up.</exception>
    public static ValueTask<T> CallAsync<T>(
        ComponentInstance instance, ExportedFunction function, LowerArguments lower, LiftResult<T> lift, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(instance);
        ArgumentNullException.ThrowIfNull(function);
        instance.CheckPlan(function.Plan);
        return instance.CallAsync(function, new TypedTaskCaller<T>(instance.Scheduler, lower, lift), cancellationToken);
    }

    /// <summary>Calls a function that returns nothing.</summary>
    public static async ValueTask CallAsync(ComponentInstance instance, ExportedFunction function, LowerArguments lower, CancellationToken cancellationToken) =>
        await CallAsync(instance, function, lower, static (ref CanonicalContext _, scoped ReadOnlySpan<RawValue> _) => default(Unit), cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Whether a synchronous call must be made in a turn, since the instance has had something asynchronous: see <see cref="Run"/>. False inside of a turn.
    /// </summary>
    public static bool NeedsTurn(ComponentInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        return instance.NeedsTurn;
    }

    /// <summary>
    /// Makes synchronous calls in a turn of the instance: here if no turn runs, otherwise when those before it are over; blocks until then.
    /// </summary>
    /// <exception cref="TrapException">The guest trapped, in this call or another one.</exception>
    public static void Run(ComponentInstance instance, Action calls)
    {
        ArgumentNullException.ThrowIfNull(instance);
        instance.Scheduler.RunAndWait(calls);
    }
}

/// <summary>A call from the host by generated glue.</summary>
internal sealed class TypedTaskCaller<T>(Scheduler scheduler, ExportTask.LowerArguments lower, ExportTask.LiftResult<T> lift) : HostTaskCaller<T>(scheduler)
{
    public override void LowerArguments(ref CanonicalContext callee, scoped Span<RawValue> values, FuncType type) => lower(ref callee, values);

    protected override T Lift(ref CanonicalContext callee, scoped ReadOnlySpan<RawValue> values, FuncType type, bool inMemory)
    {
        if (!inMemory || type.FlatResultCount > FuncType.MaxFlatParams)
            return lift(ref callee, values);

        // Lifted without async: what came in memory is small enough to have come flat from task.return, and the glue knows only that form.
        ValType result = type.Result!;
        Span<RawValue> flat = stackalloc RawValue[FuncType.MaxFlatParams];
        RawFlat.Load(ref callee, callee.CheckBlock(values[0].U32, result.Size, result.Alignment), result, flat);
        return lift(ref callee, flat);
    }
}
