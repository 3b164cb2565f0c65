using Windhover.Components.Linking;
using Windhover.Wasi.Io;

namespace Windhover.Hosting.Threads;

/// <summary>
/// How a guest that answers one request waits: it ends when the client leaves or the request's time is over, and the app learns of it.
/// A token source for that is made only when the guest does wait; most never do.
/// </summary>
internal sealed class RequestBlocking(
    BlockingHistory history, bool onPoolThread, TimeProvider time, long started, TimeSpan limit, CancellationToken aborted)
    : IGuestBlocking, IDisposable
{
    private CancellationTokenSource? _ended;
    private ThreadBlocking? _thread;

    /// <summary>Whether a wait was ended because the request's time was over.</summary>
    public bool TimedOut => _ended is { IsCancellationRequested: true } && !aborted.IsCancellationRequested;

    /// <summary>Whose memory cannot grow while it waits: the room for that is the app's meanwhile.</summary>
    public ComponentInstance? Instance { get; set; }

    public void Wait(ReadOnlySpan<ReadinessSource> sources)
    {
        history.Waited();
        Instance?.Store.BeginWait(Instance.MemoryBytes);
        try
        {
            WaitOnThread(sources);
        }
        finally
        {
            Instance?.Store.EndWait();
        }
    }

    private void WaitOnThread(ReadOnlySpan<ReadinessSource> sources)
    {
        if (_thread is null)
        {
            TimeSpan left = limit == Timeout.InfiniteTimeSpan ? limit : limit - time.GetElapsedTime(started);
            var timer = new CancellationTokenSource(left > TimeSpan.Zero || left == Timeout.InfiniteTimeSpan ? left : TimeSpan.Zero, time);
            _ended = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, aborted);
            _timer = timer;
            _thread = new ThreadBlocking(_ended.Token);
        }

        if (!onPoolThread)
        {
            _thread.Wait(sources);
            return;
        }

        PoolCompensation.Enter();
        try
        {
            _thread.Wait(sources);
        }
        finally
        {
            PoolCompensation.Leave();
        }
    }

    private CancellationTokenSource? _timer;

    public void Dispose()
    {
        _ended?.Dispose();
        _timer?.Dispose();
    }
}
