using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Logs;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>The log records of one instance: into the app's log, within what its guests may log (<see cref="LogBudget"/>). Used by the thread that runs it.</summary>
internal sealed class GuestRecords(ILogger logger, GuestContext guest, GuestSpans spans)
{
    /// <summary>What readers of the log tell the guest's own records by.</summary>
    public static readonly EventId Event = new(22, OtelCapability.CapabilityName);

    private const int MaxLine = 8 * 1024;

    private readonly BudgetMeter _meter = guest.Wasi.Options.Meter ?? new BudgetMeter(guest.App, guest.Wasi.Options.Budget);

    public void Take(LogRecord record)
    {
        LogLevel level = LevelOf(record);
        if (!logger.IsEnabled(level))
            return;
        var text = new TelemetryText(MaxLine);
        string? name = record.EventName is { Length: > 0 } said ? text.Take(said) : null;
        string body = record.Body is { } given ? TakeBody(ref text, given) : name ?? "";
        List<KeyValuePair<string, object?>> attributes = record.Attributes is { } list ? text.Take(list) : [];
        if (record.InstrumentationScope is { Name.Length: > 0 } scope)
            attributes.Add(new("guest.scope", text.Take(scope.Name)));
        if (name is not null)
            attributes.Add(new("guest.event", name));
        if (record.SpanId is { Length: > 0 } span)
            attributes.Add(new("guest.span_id", spans.IdOf(span) ?? TelemetryText.Cut(span, 16)));
        var line = new Line(body, attributes);
        Activity? before = Activity.Current, around = spans.Around;
        if (around is not null && around != before)
            Activity.Current = around; // The line belongs to the trace of the request, also on a thread that answers another.
        Write(level, line);
        Activity.Current = before;
    }

    private void Write(LogLevel level, Line line)
    {
        LogBudget budget = LogBudget.Of(_meter, guest.Wasi.Options.Time);
        int wanted = Encoding.UTF8.GetByteCount(line.ToString());
        bool fits = budget.Spend(budget.RunOf(guest.Wasi), wanted, out string? over) == wanted;
        if (fits)
            TakeLine(budget, level, line);
        if (over is not null)
            TakeLine(budget, LogLevel.Warning, new Line(over, []));
    }

    private void TakeLine(LogBudget budget, LogLevel level, Line line)
    {
        if (!budget.TryTakeLine(out string? dropped))
            return;
        if (dropped is not null)
            logger.Log(LogLevel.Warning, Event, new Line(dropped, []), null, static (line, _) => line.ToString());
        logger.Log(level, Event, line, null, static (line, _) => line.ToString());
    }

    private static string TakeBody(ref TelemetryText text, string json) => text.Take(TelemetryText.Read(json) switch
    {
        string read => read,
        Array or null => json,
        object value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    }, MaxLine);

    private static LogLevel LevelOf(LogRecord record) => record.SeverityNumber switch
    {
        >= 1 and <= 4 => LogLevel.Trace,
        >= 5 and <= 8 => LogLevel.Debug,
        >= 9 and <= 12 => LogLevel.Information,
        >= 13 and <= 16 => LogLevel.Warning,
        >= 17 and <= 20 => LogLevel.Error,
        >= 21 and <= 24 => LogLevel.Critical,
        _ => record.SeverityText?.ToUpperInvariant() switch
        {
            "TRACE" => LogLevel.Trace,
            "DEBUG" => LogLevel.Debug,
            "WARN" or "WARNING" => LogLevel.Warning,
            "ERROR" => LogLevel.Error,
            "FATAL" or "CRITICAL" => LogLevel.Critical,
            _ => LogLevel.Information,
        },
    };

    /// <summary>The body and, for who reads structures, the attributes; as text both, in one line that no reader obeys.</summary>
    private sealed class Line(string body, List<KeyValuePair<string, object?>> attributes) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private string? _text;

        public int Count => attributes.Count + 1;

        public KeyValuePair<string, object?> this[int index] => index < attributes.Count ? attributes[index] : new("{OriginalFormat}", ToString());

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
        {
            for (int i = 0; i < Count; i++)
                yield return this[i];
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString()
        {
            if (_text is not null)
                return _text;
            var text = new StringBuilder(body);
            foreach ((string key, object? value) in attributes)
                text.Append(' ').Append(key).Append('=').Append(value is Array list ? string.Join(',', list.Cast<object>()) : Convert.ToString(value, CultureInfo.InvariantCulture));
            return _text = ReadableText.Of(TelemetryText.Cut(text.ToString(), MaxLine));
        }
    }
}
