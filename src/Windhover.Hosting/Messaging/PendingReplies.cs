namespace Windhover.Hosting.Messaging;

// The replies of one request. A reply first claims its place, so that a large one is fetched only when it is wanted, and then is delivered or gives the place
// back:
//
//   claim ──► no: beyond the expected number, too large, no room, the request is over
//     └─────► a place ──► delivered ──► the last one that is expected ends the wait
//                    └──► given back (it was lost on the way): another reply may have the place
internal sealed class PendingReplies(ReplyOptions options)
{
    private readonly Lock _lock = new();
    private readonly List<Message> _replies = [];
    private readonly int _expected = Math.Clamp(options.Expected, 0, MessageReplies.MaxReplies);
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _claimed;
    private long _bytes;
    private bool _over;

    public ReplyClaim? Claim(long bytes)
    {
        lock (_lock)
        {
            if (_over || _claimed >= _expected || bytes < 0 || bytes > MessageReplies.MaxReply || _bytes + bytes > MessageReplies.MaxBytes
                || options.Hold?.Invoke((int)bytes) == false)
                return null;
            _claimed++;
            _bytes += bytes;
            return new ReplyClaim(this, (int)bytes);
        }
    }

    /// <summary>What has come when all have, or the time is over; what comes later is dropped.</summary>
    public async ValueTask<IReadOnlyList<Message>> WaitAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        if (_expected > 0)
        {
            try
            {
                await _all.Task.WaitAsync(timeout > TimeSpan.Zero ? timeout : TimeSpan.Zero, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // What has come is the answer.
            }
        }

        End();
        return _replies;
    }

    public void End()
    {
        lock (_lock)
            _over = true;
    }

    internal void Deliver(Message reply, int bytes)
    {
        lock (_lock)
        {
            if (_over || MessageReplies.SizeOf(reply) > bytes)
            {
                GiveBack(bytes);
                return;
            }

            _replies.Add(reply);
            if (_replies.Count == _expected)
                _all.TrySetResult();
        }
    }

    internal void GiveBack(int bytes)
    {
        lock (_lock)
        {
            _claimed--;
            _bytes -= bytes;
            options.Release?.Invoke(bytes);
        }
    }
}

/// <summary>The place of one reply among those that a request waits for. <see cref="Deliver"/> it, or dispose of it: then another reply may have the place.</summary>
public sealed class ReplyClaim : IDisposable
{
    private readonly int _bytes;
    private PendingReplies? _pending;

    internal ReplyClaim(PendingReplies pending, int bytes)
    {
        _pending = pending;
        _bytes = bytes;
    }

    /// <summary>Hands the reply over; its content is kept, not copied. Larger than it was claimed for, or after the request's end, it is dropped.</summary>
    public void Deliver(Message reply)
    {
        ArgumentNullException.ThrowIfNull(reply);
        Interlocked.Exchange(ref _pending, null)?.Deliver(reply, _bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _pending, null)?.GiveBack(_bytes);
}
