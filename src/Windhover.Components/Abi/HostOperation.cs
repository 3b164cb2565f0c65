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
