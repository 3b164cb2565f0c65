using System.Buffers;
using Windhover.Wasi.Bindings.Wasi.Io.Poll;

namespace Windhover.Wasi.Io;

/// <summary>A handle on one source of readiness: <c>wasi:io/poll.pollable</c>.</summary>
/// <param name="source">What is watched.</param>
/// <param name="blocking">How the guest waits.</param>
/// <param name="ownsSource">Whether <see cref="Dispose"/> also disposes of <paramref name="source"/> (timers).</param>
public sealed class Pollable(ReadinessSource source, IGuestBlocking blocking, bool ownsSource = false) : IPollable
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
    public static uint[] Poll(params ReadOnlySpan<IPollable> pollables)
    {
        if (pollables.IsEmpty)
            throw new GuestMisuseException("wasi:io/poll.poll was called with an empty list, which could never become ready.");

        var ready = FindReady(pollables);
        if (ready.Length > 0)
            return ready;

        var sources = ArrayPool<ReadinessSource>.Shared.Rent(pollables.Length);
        try
        {
            for (var i = 0; i < pollables.Length; i++)
                sources[i] = ((Pollable)pollables[i]).Source;
            do
            {
                ((Pollable)pollables[0]).Blocking.Wait(sources.AsSpan(0, pollables.Length));
                ready = FindReady(pollables);
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

    private static uint[] FindReady(ReadOnlySpan<IPollable> pollables)
    {
        // Two passes: the answer is nearly always one index, and a list that grows would allocate twice.
        var n = 0;
        foreach (var pollable in pollables)
        {
            if (pollable.Ready())
                n++;
        }
        if (n == 0)
            return [];

        var found = new uint[n];
        var at = 0;
        for (var i = 0; i < pollables.Length && at < n; i++)
        {
            if (pollables[i].Ready())
                found[at++] = (uint)i;
        }
        return at == n ? found : found[..at];
    }
}
