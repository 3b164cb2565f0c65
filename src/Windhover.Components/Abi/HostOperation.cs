namespace Windhover.Components.Abi;

/// <summary>
/// A call to an asynchronous function of the host, under way: made by the glue after it lifted the arguments. When <see cref="Completion"/> is done, the
/// result is lowered in a turn of the component.
/// </summary>
public abstract class HostOperation
{
    /// <summary>Completes when the result is there; awaited once. Faulted: the guest traps. Cancelled: the guest learns that it was.</summary>
    public abstract Task Completion { get; }

    /// <summary>Lowers the result: through <see cref="HostCall.ResultAddress"/> when it has one, flat into <c>Values[0]</c> otherwise.</summary>
    public abstract void LowerResult(ref HostCall call);

    /// <summary>An operation without a result.</summary>
    public static HostOperation Of(ValueTask completion) => new Plain(completion.IsCompletedSuccessfully ? Task.CompletedTask : completion.AsTask());

    /// <summary>An operation with a result. One that is done already costs no task.</summary>
    /// <param name="completion">Used up.</param>
    /// <param name="lower">Lowers the result.</param>
    public static HostOperation Of<T>(ValueTask<T> completion, HostOperation<T>.Lower lower) => completion.IsCompletedSuccessfully
        ? new Done<T>(completion.Result, lower)
        : new HostOperation<T>(completion.AsTask(), lower);

    private sealed class Plain(Task completion) : HostOperation
    {
        public override Task Completion => completion;

        public override void LowerResult(ref HostCall call) => completion.GetAwaiter().GetResult();
    }

    private sealed class Done<T>(T result, HostOperation<T>.Lower lower) : HostOperation
    {
        public override Task Completion => Task.CompletedTask;

        public override void LowerResult(ref HostCall call) => lower(ref call, result);
    }
}

/// <summary>A host operation with a result of one type.</summary>
public sealed class HostOperation<T>(Task<T> completion, HostOperation<T>.Lower lower) : HostOperation
{
    /// <summary>Lowers the result.</summary>
    public delegate void Lower(ref HostCall call, T result);

    /// <inheritdoc/>
    public override Task Completion => completion;

    /// <inheritdoc/>
    public override void LowerResult(ref HostCall call) => lower(ref call, completion.GetAwaiter().GetResult());
}

/// <summary>Starts an asynchronous function of the host: lifts the arguments and answers the operation. Throwing traps the guest.</summary>
/// <param name="call">Valid until the handler returns.</param>
/// <param name="cancellationToken">Fires when the guest cancels the call.</param>
public delegate HostOperation HostAsyncHandler(ref HostCall call, CancellationToken cancellationToken);
