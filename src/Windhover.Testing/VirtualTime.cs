using System.Diagnostics.CodeAnalysis;

namespace Windhover.Testing;

/// <summary>
/// A clock that stands still until <see cref="Advance"/> moves it: a component that sleeps an hour wakes when the test says so. Timers fire on the thread that
/// advances, in the order of their times. Thread-safe.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing.")]
public sealed class VirtualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private readonly SemaphoreSlim _waiting = new(0);
    private DateTimeOffset _now;

    /// <summary>Starts at a time; by default at the beginning of the year 2000.</summary>
    public VirtualTime(DateTimeOffset? start = null) => Start = _now = start ?? new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Where it began.</summary>
    public DateTimeOffset Start { get; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
            return _now;
    }

    /// <inheritdoc/>
    public override long GetTimestamp() => (GetUtcNow() - Start).Ticks;

    /// <summary>Moves the clock on and fires what falls due meanwhile.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        DateTimeOffset end = GetUtcNow() + by;
        while (true)
        {
            Timer? due;
            lock (_lock)
            {
                due = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = due?.Due > _now ? due.Due.Value : due is null ? end : _now;
                due?.Next();
            }

            if (due is null)
                return;
            due.Fire();
        }
    }

    /// <summary>Completes when somebody waits for the clock: the moment to <see cref="Advance"/> it, without a sleep in the test.</summary>
    public Task WhenWaitedForAsync(CancellationToken cancellationToken = default) => _waiting.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool now;
            lock (time._lock)
            {
                time._timers.Remove(this);
                _period = period;
                Due = dueTime < TimeSpan.Zero ? null : time._now + dueTime;
                now = dueTime == TimeSpan.Zero;
                if (Due is not null && !now)
                    time._timers.Add(this);
            }

            if (now)
                ThreadPool.QueueUserWorkItem(static t => t.Fire(), this, preferLocal: false);
            else if (Due is not null)
                time._waiting.Release();
            return true;
        }

        /// <summary>Called with the lock held: it is about to fire.</summary>
        public void Next()
        {
            Due = _period > TimeSpan.Zero ? Due + _period : null;
            if (Due is null)
                time._timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time._lock)
                time._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
