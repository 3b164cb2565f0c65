using System.Globalization;
using System.Runtime.CompilerServices;
using Windhover.Engine;
using Windhover.Wasi.Io;

namespace Windhover.Hosting.Apps;

// What the guests of an app may log, whichever way: standard output and error (GuestLog), log records of wasi:otel.
//
//   a run      `log` bytes; the rest is dropped, with one line that says so
//   the app    `log-lines` in a second, all its runs together; the rest is dropped, with one line that counts them

/// <summary>The bytes and lines of one app's log; the same object for everybody who writes for it. Thread-safe, but a run's bytes are counted by one thread at a time.</summary>
internal sealed class LogBudget
{
    private static readonly ConditionalWeakTable<BudgetMeter, LogBudget> s_all = [];

    private readonly BudgetMeter _meter;
    private readonly Rate _rate;
    private readonly ConditionalWeakTable<IGuestBlocking, Run> _runs = [];

    private LogBudget(BudgetMeter meter, TimeProvider time)
    {
        _meter = meter;
        _rate = new Rate(time, meter.Budget.LogLines);
    }

    public static LogBudget Of(BudgetMeter meter, TimeProvider time) =>
        s_all.TryGetValue(meter, out LogBudget? budget) ? budget : s_all.GetValue(meter, meter => new LogBudget(meter, time));

    /// <summary>The run of a guest, by what it waits with (its <see cref="Wasi.WasiContext"/>).</summary>
    public Run RunOf(IGuestBlocking guest) => _runs.GetValue(guest, static _ => new Run());

    /// <summary>Takes bytes of a run's share.</summary>
    /// <param name="run">The run.</param>
    /// <param name="bytes">How many are wanted.</param>
    /// <param name="notice">A line that says once that the share is used up.</param>
    /// <returns>How many there are.</returns>
    public int Spend(Run run, int bytes, out string? notice)
    {
        notice = null;
        long limit = _meter.Budget.Log;
        if (run.IsOver)
            return 0;
        if (bytes > limit - run.Bytes)
        {
            bytes = (int)(limit - run.Bytes);
            run.IsOver = true;
            _meter.Reject(BudgetKind.Log);
            notice = $"{_meter.Exceeded(BudgetKind.Log).Message}: the rest of this run is not logged";
        }

        run.Bytes += bytes;
        return bytes;
    }

    /// <summary>Takes one line of this second.</summary>
    /// <param name="notice">A line to write before it, which counts those that were dropped since the last one.</param>
    /// <returns>False: the line is dropped.</returns>
    public bool TryTakeLine(out string? notice)
    {
        notice = null;
        if (!_rate.TryTake(out long dropped))
        {
            _meter.Reject(BudgetKind.LogLines);
            return false;
        }

        if (dropped > 0)
            notice = string.Create(CultureInfo.InvariantCulture, $"{dropped} lines were dropped: {_meter.Exceeded(BudgetKind.LogLines).Message}");
        return true;
    }

    /// <summary>What a run has logged.</summary>
    internal sealed class Run
    {
        public long Bytes { get; set; }

        public bool IsOver { get; set; }
    }
}
