using Windhover.Components.Linking;

namespace Windhover.Components.Async;

// One read or write of the host's end of a stream or future:
//
//   host thread                       turn of the component
//   RunAsync ── RunHere, or Post ───► Shared.Read/Write: copies now, or stays pending until the guest's end comes
//   (awaits)  ◄── result ──────────── OnCopy / OnDone
//   cancelled ── Post ──────────────► Shared.Cancel, if it is still pending
//
// The memory on both sides is touched in turns only. When the store ends, the operation fails with the same trap.
internal static class HostCopy
{
    public static async ValueTask<CopyResult> RunAsync(
        ComponentInstance root, SharedChannel channel, CopyBuffer buffer, bool reads, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Scheduler scheduler = root.Scheduler;
        var done = new TaskCompletionSource<CopyResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        Action<Exception> failed = error => done.TrySetException(error);
        var operation = new CopyOperation(
            null,
            buffer,
            reclaim =>
            {
                reclaim();
                done.TrySetResult(CopyResult.Completed);
            },
            result => done.TrySetResult(result));
        scheduler.OnFailure(failed);
        Action turn = () =>
        {
            if (reads)
                channel.Read(operation);
            else
                channel.Write(operation);
        };
        if (root.Plan.BlocksStacks)
            scheduler.Post(turn); // a stack that blocks would hold the caller's thread
        else
            scheduler.RunHere(turn); // what is there already is copied without a change of threads
        try
        {
            using (cancellationToken.UnsafeRegister(
                _ => scheduler.Post(() =>
                {
                    if (!done.Task.IsCompleted)
                        channel.Cancel();
                }),
                null))
            {
                CopyResult result = await done.Task.ConfigureAwait(false);
                if (result == CopyResult.Cancelled && buffer.Progress == 0)
                    throw new OperationCanceledException(cancellationToken);
                return result;
            }
        }
        finally
        {
            scheduler.ForgetFailure(failed);
        }
    }
}

/// <summary>A value that stands for the readable end of a stream or future and can be lowered into a guest.</summary>
internal interface IChannelSource
{
    /// <summary>What does not fit, in words; null when the end can be given to a guest as <paramref name="type"/>.</summary>
    string? Difference(Types.ValType type);

    /// <summary>Gives the end away. In a turn, once.</summary>
    SharedChannel Take(ComponentInstance root, Types.ValType type);
}
