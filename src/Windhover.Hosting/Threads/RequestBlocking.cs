using Windhover.Components.Linking;
using Windhover.Engine;
using Windhover.Wasi.Io;

namespace Windhover.Hosting.Threads;

/// <summary>
/// How a guest that answers one request waits: it ends when the client leaves or the request's time is over, and the app learns of it.
/// A token source for that is made only when the guest does wait; most never do.
/// </summary>
/// <param name="history">What is known of the app's guests.</param>
/// <param name="place">Where it runs; its share is left when this is disposed of.</param>
/// <param name="time">The clock.</param>
/// <param name="started">When the request came.</param>
/// <param name="limit">How long it may take in all.</param>
/// <param name="aborted">Fires when the client leaves.</param>
internal sealed class RequestBlocking(BlockingHistory history, GuestPlace place, TimeProvider time, long started, TimeSpan limit, CancellationToken aborted)
    : ITimedBlocking, ILongRun, IDisposable
{
    private bool _isHeld;
    private bool _hasShare = place.Share is not null;
    private CancellationTokenSource? _ended;
    private ThreadBlocking? _thread;

    /// <summary>Whether a wait was ended because the request's time was over.</summary>
    public bool TimedOut => _ended is { IsCancellationRequested: true } && !aborted.IsCancellationRequested;

    /// <summary>Whose memory cannot grow while it waits: the room for that is the app's meanwhile.</summary>
    public ComponentInstance? Instance { get; set; }

    public TimeSpan TimeLeft => limit == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue
        : limit - time.GetElapsedTime(started) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

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
            TimeSpan left = TimeLeft;
            var timer = new CancellationTokenSource(left == TimeSpan.MaxValue ? Timeout.InfiniteTimeSpan : left, time);
            _ended = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, aborted);
            _timer = timer;
            _thread = new ThreadBlocking(_ended.Token);
        }

        if (_hasShare)
        {
            _hasShare = false;
            place.Share!.Leave();
            try
            {
                _thread.Wait(sources);
            }
            finally
            {
                _hasShare = place.Share.Wait(_ended!.Token); // without one it has no time left either
            }

            return;
        }

        if (_isHeld)
        {
            _thread.Wait(sources);
            return;
        }

        place.BeginHold();
        try
        {
            _thread.Wait(sources);
        }
        finally
        {
            place.EndHold();
        }
    }

    private CancellationTokenSource? _timer;

    /// <summary>The guest computes for long: later ones of the app run on threads for that, and the pool, or what it runs on, has another thread for as long as this one holds its own.</summary>
    void ILongRun.IsLong()
    {
        history.Computed();
        _isHeld = true;
        place.BeginHold();
    }

    public void Dispose()
    {
        if (_isHeld)
            place.EndHold();
        if (_hasShare)
            place.Share!.Leave();
        _ended?.Dispose();
        _timer?.Dispose();
    }
}

/// <summary>A way of waiting that knows when the guest's time is over.</summary>
internal interface ITimedBlocking : IGuestBlocking
{
    /// <summary>Wall time that is left, at least 0.</summary>
    TimeSpan TimeLeft { get; }
}
