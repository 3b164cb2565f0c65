using System.Diagnostics;

namespace Windhover.Engine;

// One thread of the process stops the guests whose time is up (not a timer: guests may occupy every thread of the pool, and are the ones to be stopped).
// A deadline is a number in an array, set and taken away without a lock; the thread looks at all of them when the earliest is due, 5 µs for 10,000:
//
//      the store's thread                        the clock's
//      (1) write the deadline                    (a) _wake = never: whoever writes from now on signals
//      (2) fence                                 (b) fence
//      (3) earlier than _wake? signal            (c) look at all: stop what is due, find the earliest of the rest
//                                                (d) _wake = the earliest; wait until then, or for the signal
//
// A deadline that (c) has missed was written after (a), so (3) signals. As long as new deadlines are later than the earliest one, as they are where all
// guests have the same timeout, nobody signals, and the clock wakes up once per timeout, not once per tick or per guest.
internal static class DeadlineClock
{
    private const int ChunkSize = 512;

    // Longest wait in one piece.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private static readonly Lock Gate = new();
    private static readonly AutoResetEvent Signal = new(false);
    private static readonly Stack<DeadlineSlot> Spare = [];
    private static DeadlineChunk[] _chunks = [];
    private static int _claimed;
    private static bool _running;
    private static long _wake = long.MaxValue;

    /// <summary>The timestamp that is <paramref name="timeout"/> from now; an endless one, or one beyond reckoning, gives <see cref="long.MaxValue"/>.</summary>
    public static long After(TimeSpan timeout)
    {
        var now = Stopwatch.GetTimestamp();
        var length = timeout.TotalSeconds * Stopwatch.Frequency;
        return timeout == Timeout.InfiniteTimeSpan || length > (long.MaxValue >> 1) - now ? long.MaxValue : now + (long)Math.Ceiling(length);
    }

    /// <summary>A place for a deadline.</summary>
    public static DeadlineSlot Claim(GuardPages owner)
    {
        lock (Gate)
        {
            if (!Spare.TryPop(out var slot))
            {
                if (_claimed == _chunks.Length * ChunkSize)
                    _chunks = [.. _chunks, new DeadlineChunk(ChunkSize)];
                slot = new DeadlineSlot(_chunks[^1], _claimed++ % ChunkSize);
            }
            Volatile.Write(ref slot.Chunk.Owners[slot.Index], owner);
            return slot;
        }
    }

    /// <summary>Gives it back.</summary>
    public static void Release(DeadlineSlot slot)
    {
        slot.Chunk.Ends[slot.Index] = long.MaxValue;
        lock (Gate)
        {
            slot.Chunk.Owners[slot.Index] = null;
            Spare.Push(slot);
        }
    }

    /// <summary>Steps (2) and (3).</summary>
    public static void Written(long end)
    {
        Interlocked.MemoryBarrier();
        if (end < Volatile.Read(ref _wake))
            Wake();
    }

    private static void Wake()
    {
        if (!Volatile.Read(ref _running))
        {
            lock (Gate)
            {
                if (!_running)
                    new Thread(Run, 256 * 1024) { IsBackground = true, Name = "Windhover deadlines" }.Start();
                _running = true;
            }
        }
        Signal.Set();
    }

    private static void Run()
    {
        while (true)
        {
            Volatile.Write(ref _wake, long.MaxValue);
            Interlocked.MemoryBarrier();
            var now = Stopwatch.GetTimestamp();
            var earliest = Look(now);
            Volatile.Write(ref _wake, earliest);
            var wait = earliest == long.MaxValue ? Longest : Stopwatch.GetElapsedTime(now, earliest);
            // Rounded up to whole milliseconds: a deadline is never early.
            Signal.WaitOne((int)Math.Ceiling(Math.Min(wait.TotalMilliseconds, Longest.TotalMilliseconds)));
        }
    }

    private static long Look(long now)
    {
        var earliest = long.MaxValue;
        foreach (var chunk in Volatile.Read(ref _chunks))
        {
            for (var i = 0; i < chunk.Ends.Length; i++)
            {
                var end = Volatile.Read(ref chunk.Ends[i]);
                if (end <= now)
                    Volatile.Read(ref chunk.Owners[i])?.StopIfDue(now);
                else if (end < earliest)
                    earliest = end;
            }
        }
        return earliest;
    }
}

/// <summary>Places for deadlines, side by side so that looking at all of them is quick.</summary>
internal sealed class DeadlineChunk
{
    public readonly long[] Ends;
    public readonly GuardPages?[] Owners;

    public DeadlineChunk(int size)
    {
        Ends = new long[size];
        Array.Fill(Ends, long.MaxValue);
        Owners = new GuardPages?[size];
    }
}

/// <summary>A place for a deadline: a timestamp, or <see cref="long.MaxValue"/> for none.</summary>
internal readonly struct DeadlineSlot(DeadlineChunk chunk, int index)
{
    public readonly DeadlineChunk Chunk = chunk;
    public readonly int Index = index;

    public long End => Volatile.Read(ref Chunk.Ends[Index]);

    /// <summary>Sets it, and wakes the clock up if it would be late.</summary>
    public void Set(long end)
    {
        Volatile.Write(ref Chunk.Ends[Index], end);
        if (end != long.MaxValue)
            DeadlineClock.Written(end);
    }
}
