namespace Windhover.Wasi.Io;

/// <summary>Blocks the current thread. The waiter lives once per thread, so a wait allocates nothing of its own.</summary>
/// <param name="cancellationToken">Ends every wait, present and future, with <see cref="OperationCanceledException"/>.</param>
public sealed class ThreadBlocking(CancellationToken cancellationToken = default) : IGuestBlocking
{
    [ThreadStatic]
    private static ThreadWaiter? s_waiter;

    /// <inheritdoc/>
    public void Wait(ReadOnlySpan<ReadinessSource> sources)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = s_waiter ??= new ThreadWaiter();
        foreach (var source in sources)
            source.AddWaiter(waiter);
        try
        {
            while (true)
            {
                waiter.Woken.Reset();
                foreach (var source in sources)
                {
                    if (source.IsReady)
                        return;
                }
                foreach (var source in sources)
                    source.Arm();
                waiter.Woken.Wait(cancellationToken);
            }
        }
        finally
        {
            foreach (var source in sources)
                source.RemoveWaiter(waiter);
        }
    }

    private sealed class ThreadWaiter : Waiter
    {
        public ManualResetEventSlim Woken { get; } = new();

        public override void Wake() => Woken.Set();
    }
}
