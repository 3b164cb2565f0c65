namespace Windhover.Hosting.Threads;

// Where a guest runs, and so what is short there while it holds its thread:
//
//   the server's pool   its threads, which are as many as the pool thinks right, and perhaps the app's turns in it (PoolTurns)
//   threads of ours     of those that are few (GuestThreads.AreFew), one; and perhaps a place among those that compute (ComputeShare), which a guest that waits leaves

/// <summary>Where one guest runs.</summary>
internal readonly record struct GuestPlace
{
    private readonly GuestThreads? _threads;
    private readonly PoolTurns? _turns;

    private GuestPlace(GuestThreads? threads, PoolTurns? turns, ComputeShare? share)
    {
        _threads = threads;
        _turns = turns;
        Share = share;
    }

    /// <summary>Among those that compute, where it has a place; null: it needs none.</summary>
    public ComputeShare? Share { get; }

    /// <summary>On a thread of the server's pool.</summary>
    /// <param name="turns">Where it has a turn; null: it needs none.</param>
    public static GuestPlace OnPool(PoolTurns? turns = null) => new(null, turns, null);

    /// <summary>On a thread of these.</summary>
    /// <param name="threads">Whose threads.</param>
    /// <param name="share">Where it has a place, which it leaves when it ends; null: it needs none.</param>
    public static GuestPlace On(GuestThreads threads, ComputeShare? share = null) => new(threads, null, share);

    /// <summary>The guest keeps its thread for long, or waits on it: others get what it does not use.</summary>
    public void BeginHold()
    {
        if (_threads is null)
            PoolCompensation.Enter();
        else if (_threads.AreFew)
            _threads.BeginHold();
        _turns?.Leave();
    }

    /// <summary>It goes on as before.</summary>
    public void EndHold()
    {
        if (_threads is null)
            PoolCompensation.Leave();
        else if (_threads.AreFew)
            _threads.EndHold();
        _turns?.Return();
    }
}
