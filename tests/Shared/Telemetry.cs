using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Windhover.Tests.Shared;

/// <summary>Records the spans of some sources, as an exporter would.</summary>
internal sealed class SpanCollector : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<Activity> _ended = [];
    private readonly ActivityListener _listener;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SpanCollector(params string[] sources)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => sources.Contains(source.Name),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans of a trace, as they ended.</summary>
    public IReadOnlyList<Activity> Of(string trace)
    {
        lock (_lock)
            return [.. _ended.Where(a => a.TraceId.ToHexString() == trace)];
    }

    /// <summary>Waits until so many of a trace have ended.</summary>
    public async Task<IReadOnlyList<Activity>> WaitAsync(string trace, int count, CancellationToken cancellation)
    {
        while (true)
        {
            Task changed = Volatile.Read(ref _changed).Task;
            if (Of(trace) is var spans && spans.Count >= count)
                return spans;
            await changed.WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Stopped(Activity activity)
    {
        lock (_lock)
            _ended.Add(activity);
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
    }
}

/// <summary>Adds up the measurements of one app, by instrument and tags.</summary>
internal sealed class MetricCollector : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, double> _totals = new(StringComparer.Ordinal);
    private readonly HashSet<string> _instruments = new(StringComparer.Ordinal);
    private readonly MeterListener _listener;
    private readonly string _app;

    public MetricCollector(string app, params string[] meters)
    {
        _app = app;
        _listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (meters.Contains(instrument.Meter.Name) && !instrument.IsObservable)
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Sums, and the last values of gauges; `name{tag=value,…}` without the tag of the app.</summary>
    public IReadOnlyDictionary<string, double> Totals
    {
        get
        {
            lock (_lock)
                return new Dictionary<string, double>(_totals);
        }
    }

    /// <summary>Each instrument as `Counter&lt;Int64&gt; name unit`.</summary>
    public IReadOnlyCollection<string> Instruments
    {
        get
        {
            lock (_lock)
                return [.. _instruments];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = tags.ToArray();
        if (!all.Contains(new("app", _app)))
            return;
        string name = $"{instrument.Name}{{{string.Join(',', all.Where(t => t.Key != "app").OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => FormattableString.Invariant($"{t.Key}={t.Value}")))}}}";
        lock (_lock)
        {
            Type type = instrument.GetType();
            _instruments.Add($"{type.Name.Split('`')[0]}<{type.GetGenericArguments()[0].Name}> {instrument.Name} {instrument.Unit}");
            _totals[name] = type.Name.StartsWith("Gauge", StringComparison.Ordinal) ? value : _totals.GetValueOrDefault(name) + value;
        }
    }
}
