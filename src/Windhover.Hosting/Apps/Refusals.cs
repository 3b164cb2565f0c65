using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Apps;

// A refusal costs the server nearly as much as a small answer, and a client that is refused at once asks again at once: a flood then takes a whole processor for nothing. So:
//
//   refused ── fewer than 16 within these 100 ms, or no other app is asked? ── yes ─► 429 at once
//                                           │ no
//                                  429 after 0.25 to 0.75 s, by chance, so that they do not all come back together
//
// What is held meanwhile is a connection, which the client would have anyway.

/// <summary>How an app's refusals are spread over time. Thread-safe; what is lost between two threads that count at once does not matter.</summary>
internal sealed class Refusals(Neighbours neighbours, TimeProvider time)
{
    private const int AtOnce = 16;
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(100);

    private long _began = time.GetTimestamp();
    private int _count;

    /// <summary>Ends when a refusal may be sent, or the client has gone.</summary>
    public Task WaitAsync(CancellationToken gone)
    {
        if (time.GetElapsedTime(Volatile.Read(ref _began)) >= s_window)
        {
            Volatile.Write(ref _began, time.GetTimestamp());
            Volatile.Write(ref _count, 0);
        }

        if (Interlocked.Increment(ref _count) <= AtOnce || !neighbours.AreThere)
            return Task.CompletedTask;
        return PauseAsync(gone);
    }

    private async Task PauseAsync(CancellationToken gone)
    {
        var pause = TimeSpan.FromMilliseconds(250 + Random.Shared.Next(500));
        await Task.Delay(pause, time, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
