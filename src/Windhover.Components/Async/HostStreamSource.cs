using Windhover.Components.Linking;
using Windhover.Components.Types;

namespace Windhover.Components.Async;

// What writes a stream of the host, from the moment when the stream is lowered into a guest:
//
//   Take (in a turn) ─► WriteAsync runs, on whatever threads it likes ─► its end: the stream is dropped, in a turn
//                         ▲ token: the guest dropped its end, or the store ended
internal abstract class HostStreamSource
{
    private int _taken;

    /// <summary>A stream that a guest of some component gave, to be handed on.</summary>
    public virtual GuestStreamReader? Guest => null;

    /// <summary>What does not fit a stream of these items; null when it does.</summary>
    public abstract string? Difference(ValType? element);

    protected abstract Task WriteAsync(ComponentInstance root, SharedStream stream, CancellationToken cancellation);

    public SharedChannel Take(ComponentInstance root, ValType type)
    {
        if (Interlocked.Exchange(ref _taken, 1) != 0)
            throw new InvalidOperationException("A HostStream is passed to a guest once.");
        if (Guest is { } guest && ReferenceEquals(guest.Root, root))
            return ((IChannelSource)guest).Take(root, type);
        var shared = new SharedStream(((StreamType)type).Element);
        root.Scheduler.BeginOutside();
        _ = RunAsync(root, shared);
        return shared;
    }

    /// <summary>The stream is read by the host instead: only what a guest gave can be.</summary>
    public GuestStreamReader TakeReader()
    {
        if (Guest is not { } guest)
            throw new InvalidOperationException("The stream is the host's own: a guest reads it.");
        return Interlocked.Exchange(ref _taken, 1) == 0 ? guest : throw new InvalidOperationException("The stream was passed to a guest.");
    }

    private async Task RunAsync(ComponentInstance root, SharedStream shared)
    {
        var dropped = new CancellationTokenSource(); // not disposed: the end of the store may cancel it at any time, and it holds nothing
        Exception? error = null;
        shared.OnDropped = dropped.Cancel;
        var ended = root.Scheduler.OnFailure(_ => dropped.Cancel());
        try
        {
            await WriteAsync(root, shared, dropped.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (dropped.IsCancellationRequested)
        {
            // The guest has had enough.
        }
        catch (Exception e)
        {
            error = e;
        }

        root.Scheduler.ForgetFailure(ended);
        root.Scheduler.EndOutside(() =>
        {
            shared.OnDropped = null;
            if (error is not null && !shared.IsDropped)
                throw new Engine.TrapException(Engine.TrapKind.Host, $"The source of a stream failed: {error.Message}", error);
            shared.Drop();
        });
    }
}
