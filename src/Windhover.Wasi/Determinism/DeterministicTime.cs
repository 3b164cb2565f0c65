using Windhover.Engine;
using Windhover.Wasi.Clocks;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Determinism;

/// <summary>
/// The clocks and waits of a guest whose run must repeat exactly (<see cref="DeterministicWorld"/>). Nothing but waiting lets time pass: a guest that waits
/// for timers alone finds the earliest of them due at once; one that also waits for input or output waits for that, which takes no time of the guest's.
/// </summary>
/// <param name="world">Time and chance of the run.</param>
/// <param name="aborted">Ends real waits.</param>
public sealed class DeterministicTime(DeterministicWorld world, CancellationToken aborted = default) : TimeProvider, IGuestBlocking
{
    private const long NanosecondsPerTick = 100;

    private readonly ThreadBlocking _blocking = new(aborted);

    /// <inheritdoc/>
    public override long TimestampFrequency => 1_000_000_000;

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <inheritdoc/>
    public override long GetTimestamp() => (long)Math.Min(world.Look(), long.MaxValue);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        long ticks = GetTimestamp() / NanosecondsPerTick;
        return ticks < (DateTimeOffset.MaxValue - world.Start).Ticks ? world.Start.AddTicks(ticks) : DateTimeOffset.MaxValue;
    }

    /// <summary>A timer that never fires: time passes in <see cref="Wait"/>.</summary>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new NoTimer();

    /// <inheritdoc/>
    /// <exception cref="GuestMisuseException">The guest waits for a moment that never comes, and for nothing else.</exception>
    public void Wait(ReadOnlySpan<ReadinessSource> sources)
    {
        aborted.ThrowIfCancellationRequested();
        ulong earliest = ulong.MaxValue;
        foreach (ReadinessSource source in sources)
        {
            if (source is not TimerSource timer)
            {
                _blocking.Wait(sources);
                return;
            }

            earliest = Math.Min(earliest, timer.When);
        }

        if (earliest >= long.MaxValue)
            throw new GuestMisuseException("The guest waits for a moment that never comes.");
        world.PassTo(earliest);
    }

    private sealed class NoTimer : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
