using System.Diagnostics.Tracing;
using System.Globalization;

namespace Windhover.Bench.Hostile;

/// <summary>For how long the garbage collector has held this process' threads: tells a neighbour's wait for it from the others.</summary>
internal sealed class CollectorPauses : EventListener
{
    private const int SuspendBegin = 9, RestartEnd = 3; // GCSuspendEEBegin, GCRestartEEEnd
    private readonly Lock _lock = new();
    private DateTime _began;
    private int _count;
    private double _total, _longest;

    /// <summary>Count, total and longest since the last time that somebody asked.</summary>
    public string Take()
    {
        lock (_lock)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"{_count}, {_total:0} ms, {_longest:0.0} ms");
            (_count, _total, _longest) = (0, 0, 0);
            return text;
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "Microsoft-Windows-DotNETRuntime")
            EnableEvents(eventSource, EventLevel.Informational, (EventKeywords)1);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        lock (_lock)
        {
            if (eventData.EventId == SuspendBegin)
            {
                _began = eventData.TimeStamp;
            }
            else if (eventData.EventId == RestartEnd && _began != default)
            {
                double pause = (eventData.TimeStamp - _began).TotalMilliseconds;
                _count++;
                _total += pause;
                _longest = Math.Max(_longest, pause);
            }
        }
    }
}
