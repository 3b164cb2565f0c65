using Windhover.Hosting.Threads;

namespace Windhover.Hosting.Apps;

// A refusal costs the server nearly as much as a small answer, and a client that is refused at once asks again at once: a flood then takes a whole processor for nothing. So:
//
//   refused ── no other app is asked, or fewer than 16 within these 100 ms and none in line for 2 s? ── yes ─► 429 at once
//                                           │ no
//                                     stand in line ──► every 25 ms, a thirtieth of the line (16 at least) gets its 429: nobody waits for much more than 0.75 s
//
// One timer for the line, not one for each who stands in it. What is held meanwhile is a connection, which the client would have anyway.
//
// An app that has such a line, or had one 2 s ago, is flooded: its guests leave the pool's threads to others (ComponentEndpoint).

/// <summary>How an app's refusals are spread over time. Thread-safe.</summary>
internal sealed class Refusals(Neighbours neighbours, TimeProvider time)
{
    private const int AtOnce = 16;
    private const int Steps = 30;
    private static readonly TimeSpan s_window = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_flooded = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(25);

    private readonly Lock _lock = new();
    private readonly Queue<TaskCompletionSource> _line = new();
    private long _began = time.GetTimestamp();
    private int _count;
    private int _longest;
    private ITimer? _timer;
    private long _last;

    /// <summary>Whether there is a line, or was one a moment ago.</summary>
    public bool AreMany => Volatile.Read(ref _last) is not 0 and var last && time.GetElapsedTime(last) < s_flooded;

    /// <summary>Ends when a refusal may be sent.</summary>
    public Task WaitAsync()
    {
        lock (_lock)
        {
            if (time.GetElapsedTime(_began) >= s_window)
            {
                _began = time.GetTimestamp();
                _count = 0;
            }

            if ((++_count <= AtOnce && !AreMany) || !neighbours.AreThere)
                return Task.CompletedTask;
            var place = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _line.Enqueue(place);
            _longest = Math.Max(_longest, _line.Count);
            Volatile.Write(ref _last, time.GetTimestamp());
            _timer ??= time.CreateTimer(static refusals => ((Refusals)refusals!).Step(), this, s_step, s_step);
            return place.Task;
        }
    }

    private void Step()
    {
        lock (_lock)
        {
            for (int i = Math.Max(AtOnce, _longest / Steps); i > 0 && _line.TryDequeue(out TaskCompletionSource? first); i--)
                first.SetResult();
            if (_line.Count > 0)
                return;
            _longest = 0;
            _timer?.Dispose();
            _timer = null;
        }
    }
}
