using System.Diagnostics.CodeAnalysis;

namespace Windhover.Hosting.Threads;

// How much of the machine one app's long computations may have beside other apps: all processors but one (on a machine with one: that).
//
// Among threads that compute, the kernel hands a processor on every few milliseconds. A guest that answers at once waits that long at each of its steps (the socket's thread, the
// pool's) as soon as every processor computes for somebody: its p99 went from 1 ms to 24. With one processor left, it finds that free at once.
//
//   request of an app whose guests compute for long ── neighbours? ── no ──────────────────────► run
//                                                          │ yes
//                                                    a place free? ── yes ─► run ── waits for something: leaves its place, and takes one again after it ──► leave
//                                                          │ no
//                                                  wait in order, for as long as the request may take (504)
//
// Only apps that have computed for 5 ms in one run come here (BlockingHistory), and each has places of its own: one app cannot make another wait.

/// <summary>The places of one app. Thread-safe.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "Its wait handle, the only thing to dispose, is never made.")]
internal sealed class ComputeShare
{
    private readonly SemaphoreSlim _places = new(Math.Max(1, Environment.ProcessorCount - 1));

    /// <summary>Takes a place if there is one.</summary>
    public bool TryEnter() => _places.Wait(0);

    /// <summary>Waits for a place.</summary>
    /// <returns>False when the token fires first.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>The same on a thread that may block.</summary>
    public bool Wait(CancellationToken cancellationToken)
    {
        try
        {
            _places.Wait(cancellationToken);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public void Leave() => _places.Release();
}
