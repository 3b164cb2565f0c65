namespace Windhover.Wasi.Io;

/// <summary>
/// One thing that is ready or not: a stream, a timer, a socket, a response to come.
/// </summary>
/// <remarks>
/// <para>How a wait works, and why no wake-up is lost:</para>
/// <code>
///   guest's side                              other side (any thread)
///   1 AddWaiter   (full fence)                a change the state that IsReady reads
///   2 IsReady ?   yes → 5                     b SignalReady: full fence, read the waiters
///   3 Arm         start or hook pending I/O   c Wake each
///   4 park until Wake, then 2 again
///   5 RemoveWaiter
/// </code>
/// <para>Either 2 or 3 sees a, or b sees 1; an Arm that finds the source ready signals it. Wake-ups without cause are harmless, so the losers of a
/// poll need not be cancelled: a pending read stays pending and serves the next call. What is ready never reaches 1, and waiting alone
/// allocates nothing here.</para>
/// </remarks>
public abstract class ReadinessSource
{
    // null, one Waiter, or an immutable Waiter[]: nearly always zero or one, since a guest's store waits in one place at a time.
    private object? _waiters;

    /// <summary>Whether an operation would now make progress (an error and an end count as progress). Never blocks.</summary>
    public abstract bool IsReady { get; }

    /// <summary>Registers <paramref name="waiter"/> to be woken after the source may have become ready.</summary>
    public void AddWaiter(Waiter waiter)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _waiters);
            object next = seen switch
            {
                null => waiter,
                Waiter one => new[] { one, waiter },
                _ => (Waiter[])[.. (Waiter[])seen, waiter],
            };
            if (Interlocked.CompareExchange(ref _waiters, next, seen) == seen)
                return;
        }
    }

    /// <summary>Undoes one <see cref="AddWaiter"/>. A wake-up that is under way may still arrive.</summary>
    public void RemoveWaiter(Waiter waiter)
    {
        while (true)
        {
            var seen = Volatile.Read(ref _waiters);
            object? next;
            if (ReferenceEquals(seen, waiter))
                next = null;
            else if (seen is Waiter[] many && Array.IndexOf(many, waiter) is >= 0 and var at)
                next = many.Length == 2 ? many[1 - at] : (Waiter[])[.. many[..at], .. many[(at + 1)..]];
            else
                return;
            if (Interlocked.CompareExchange(ref _waiters, next, seen) == seen)
                return;
        }
    }

    /// <summary>Waits without holding a thread until the source is ready.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> fired first.</exception>
    public ValueTask WaitReadyAsync(CancellationToken cancellationToken) =>
        IsReady ? ValueTask.CompletedTask : TaskWaiter.WaitAsync(this, cancellationToken);

    /// <summary>
    /// Sees to it that <see cref="SignalReady"/> will be called: starts what is to be waited for unless it runs already, and signals at once if the source
    /// is ready. Called on the guest's side before each time it parks.
    /// </summary>
    public virtual void Arm()
    {
    }

    /// <summary>Wakes all waiters. Call it after the state that <see cref="IsReady"/> reads has changed.</summary>
    protected internal void SignalReady()
    {
        Interlocked.MemoryBarrier();
        switch (Volatile.Read(ref _waiters))
        {
            case Waiter one:
                one.Wake();
                break;
            case Waiter[] many:
                foreach (var waiter in many)
                    waiter.Wake();
                break;
        }
    }

    private sealed class TaskWaiter : Waiter
    {
        private readonly TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Wake() => _woken.TrySetResult();

        public static async ValueTask WaitAsync(ReadinessSource source, CancellationToken cancellationToken)
        {
            while (!source.IsReady)
            {
                var waiter = new TaskWaiter();
                source.AddWaiter(waiter);
                try
                {
                    if (source.IsReady)
                        return;
                    source.Arm();
                    await waiter._woken.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
                }
                finally
                {
                    source.RemoveWaiter(waiter);
                }
            }
        }
    }
}
