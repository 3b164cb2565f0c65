using System.Buffers;

namespace Windhover.Wasi.Io;

/// <summary>A handle on one source of readiness: <c>wasi:io/poll.pollable</c>.</summary>
/// <param name="source">What is watched.</param>
/// <param name="blocking">How the guest waits.</param>
/// <param name="ownsSource">Whether <see cref="Dispose"/> also disposes of <paramref name="source"/> (timers).</param>
public sealed partial class Pollable(ReadinessSource source, IGuestBlocking blocking, bool ownsSource = false) : IDisposable
{
    /// <summary>Whether the source is ready. Never blocks.</summary>
    public bool Ready() => source.IsReady;

    /// <summary>Returns once the source is ready.</summary>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public void Block()
    {
        if (!source.IsReady)
            blocking.Wait([source]);
    }

    /// <summary>Waits until at least one of <paramref name="pollables"/> is ready (<c>wasi:io/poll.poll</c>).</summary>
    /// <returns>The indices of all that are ready, ascending; at least one.</returns>
    /// <exception cref="GuestMisuseException">The list is empty.</exception>
    /// <exception cref="OperationCanceledException">The guest's work was aborted.</exception>
    public static uint[] Poll(IReadOnlyList<Pollable> pollables)
    {
        var count = pollables.Count;
        if (count == 0)
            throw new GuestMisuseException("wasi:io/poll.poll was called with an empty list, which could never become ready.");

        var ready = FindReady(pollables, count);
        if (ready.Length > 0)
            return ready;

        var sources = ArrayPool<ReadinessSource>.Shared.Rent(count);
        try
        {
            for (var i = 0; i < count; i++)
                sources[i] = pollables[i].Source;
            do
            {
                pollables[0].Blocking.Wait(sources.AsSpan(0, count));
                ready = FindReady(pollables, count);
            }
            while (ready.Length == 0);
            return ready;
        }
        finally
        {
            ArrayPool<ReadinessSource>.Shared.Return(sources, clearArray: true);
        }
    }

    /// <summary>Stops watching. Pending I/O of the source goes on.</summary>
    public void Dispose()
    {
        if (ownsSource)
            (source as IDisposable)?.Dispose();
    }

    internal ReadinessSource Source => source;

    private IGuestBlocking Blocking => blocking;

    private static uint[] FindReady(IReadOnlyList<Pollable> pollables, int count)
    {
        // Two passes: the answer is nearly always one index, and a list that grows would allocate twice.
        var n = 0;
        for (var i = 0; i < count; i++)
        {
            if (pollables[i].Source.IsReady)
                n++;
        }
        if (n == 0)
            return [];

        var found = new uint[n];
        var at = 0;
        for (var i = 0; i < count && at < n; i++)
        {
            if (pollables[i].Source.IsReady)
                found[at++] = (uint)i;
        }
        return at == n ? found : found[..at];
    }
}
