using Windhover.Components.Linking;

namespace Windhover.Components.Async;

// One read or write of the host's end of a stream or future:
//
//   host thread                       turn of the component
//   RunAsync ── RunHere, or Post ───► Shared.Read/Write copies now, or stays pending until the guest's end comes
//   (awaits)  ◄── result ──────────── OnCopy / OnDone
//   cancelled ── Post ──────────────► Shared.Cancel, if it is still pending
//
// The memory on both sides is touched in turns only. When the store ends, the operation fails with the same trap.
internal sealed class HostCopy : CopyOperation, ITurn
{
    private readonly ComponentInstance _root;
    private readonly SharedChannel _channel;
    private readonly CopyBuffer _buffer;
    private readonly IHostEnd? _end;
    private readonly bool _reads;
    private readonly Outcome<CopyResult> _outcome = new();

    private HostCopy(ComponentInstance root, SharedChannel channel, CopyBuffer buffer, bool reads, IHostEnd? end)
    {
        _root = root;
        _channel = channel;
        _buffer = buffer;
        _end = end;
        _reads = reads;
    }

    public override GuestInstance? Guest => null;

    public override CopyBuffer Buffer => _buffer;

    /// <param name="root">The component.</param>
    /// <param name="channel">The stream or future.</param>
    /// <param name="buffer">The host's memory.</param>
    /// <param name="reads">Whether it is a read.</param>
    /// <param name="end">Hears of the end of the operation in the same turn; null: nobody does.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static ValueTask<CopyResult> RunAsync(
        ComponentInstance root, SharedChannel channel, CopyBuffer buffer, bool reads, IHostEnd? end, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var copy = new HostCopy(root, channel, buffer, reads, end);
        Scheduler scheduler = root.Scheduler;
        bool hasEnded = scheduler.Failure is not null;
        if (root.Plan.BlocksStacks)
            scheduler.Post(copy); // a stack that blocks would hold the caller's thread
        else
            scheduler.RunHere(copy); // what is there already is copied without a change of threads
        return copy._outcome.TryGet(out CopyResult done) && !copy.IsCancelled(done)
            ? ValueTask.FromResult(done)
            : copy.AwaitAsync(scheduler, isUnderWay: !hasEnded, cancellationToken);
    }

    private async ValueTask<CopyResult> AwaitAsync(Scheduler scheduler, bool isUnderWay, CancellationToken cancellationToken)
    {
        var failed = scheduler.OnFailure(_outcome.Fail, isUnderWay);
        try
        {
            using (cancellationToken.UnsafeRegister(
                static state =>
                {
                    var copy = (HostCopy)state!;
                    copy._root.Scheduler.Post(copy.Cancel);
                },
                this))
            {
                CopyResult result = await _outcome.Task.ConfigureAwait(false);
                if (IsCancelled(result))
                    throw new OperationCanceledException(cancellationToken);
                return result;
            }
        }
        finally
        {
            scheduler.ForgetFailure(failed);
        }
    }

    private bool IsCancelled(CopyResult result) => result == CopyResult.Cancelled && _buffer.Progress == 0;

    void ITurn.Run()
    {
        if (_reads)
            _channel.Read(this);
        else
            _channel.Write(this);
    }

    private void Cancel()
    {
        if (!_outcome.IsSet)
            _channel.Cancel();
    }

    public override void OnCopy()
    {
        _channel.Reclaim(this);
        OnDone(CopyResult.Completed);
    }

    public override void OnDone(CopyResult result)
    {
        _end?.OnCopied(result);
        _outcome.Set(result);
    }
}

/// <summary>The host's end of a channel, as far as its own operations concern it.</summary>
internal interface IHostEnd
{
    /// <summary>An operation is over. In a turn.</summary>
    void OnCopied(CopyResult result);
}

/// <summary>A value that stands for the readable end of a stream or future and can be lowered into a guest.</summary>
internal interface IChannelSource
{
    /// <summary>What does not fit, in words; null when the end can be given to a guest as <paramref name="type"/>.</summary>
    string? Difference(Types.ValType type);

    /// <summary>Gives the end away. In a turn, once.</summary>
    SharedChannel Take(ComponentInstance root, Types.ValType type);
}
