using System.Diagnostics;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

// Advances the engine's epoch on a thread of its own (not a timer: guests may occupy every thread of the pool, and are the ones to be
// stopped). The thread exists while stores have deadlines and for a second after, so an idle server makes no wake-ups, and a busy one
// does not start a thread per request.
//
// The epoch follows the clock: at time t since the origin it has been advanced ⌊t / tick⌋ times, late wake-ups being made good by
// several steps at once. A deadline is therefore computed from the clock, not from the epoch, which may lag behind:
//
//      origin ├────┼────┼────┼────┼────┼────┼────┼──►
//                     epoch (lags)  now      now + timeout ──► rounded up to a tick: never early, and late by one tick at most
//
// While no thread runs, the epoch stands still; the next start moves the origin instead of catching up.
internal sealed class EpochTicker(EngineHandle engine, TimeSpan tick) : IDisposable
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly ManualResetEvent _disposed = new(false);
    private int _deadlines;
    private bool _running;
    private long _origin;
    private long _steps;

    /// <summary>Keeps the clock running, until <see cref="RemoveDeadline"/>.</summary>
    public void AddDeadline()
    {
        lock (_gate)
        {
            _deadlines++;
            if (_running)
                return;
            var added = false;
            engine.DangerousAddRef(ref added);
            _running = true;
            _origin = Stopwatch.GetTimestamp() - (long)(_steps * tick.TotalSeconds * Stopwatch.Frequency);
            new Thread(Run, 256 * 1024) { IsBackground = true, Name = "Windhover epoch" }.Start();
        }
    }

    public void RemoveDeadline()
    {
        lock (_gate)
            _deadlines--;
    }

    /// <summary>How many steps from now the epoch will have taken when <paramref name="timeout"/> has passed. The clock must be running.</summary>
    public ulong StepsUntil(TimeSpan timeout)
    {
        lock (_gate)
        {
            // 29,000 years are enough for everybody, and leave room for the sum.
            var end = Stopwatch.GetElapsedTime(_origin).Ticks + Math.Min(timeout.Ticks, long.MaxValue >> 1);
            return (ulong)((end / tick.Ticks) + 1 - _steps);
        }
    }

    /// <summary>Lets the thread end with the last deadline, and no sooner: what a guest was threatened with holds.</summary>
    public void Dispose() => _disposed.Set();

    private void Run()
    {
        var lastUse = Stopwatch.GetTimestamp();
        while (true)
        {
            var disposed = _disposed.WaitOne(0);
            if (disposed)
                Thread.Sleep(tick);
            else
                _disposed.WaitOne(tick);
            lock (_gate)
            {
                for (var due = Stopwatch.GetElapsedTime(_origin).Ticks / tick.Ticks; _steps < due; _steps++)
                    Native.wasmtime_engine_increment_epoch(engine);
                if (_deadlines > 0)
                {
                    lastUse = Stopwatch.GetTimestamp();
                }
                else if (disposed || Stopwatch.GetElapsedTime(lastUse) > Linger)
                {
                    _running = false;
                    break;
                }
            }
        }
        engine.DangerousRelease();
    }
}
