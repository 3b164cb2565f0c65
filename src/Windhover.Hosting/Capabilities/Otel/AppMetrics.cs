using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>One instrument with one set of tags.</summary>
internal sealed class Series(Instrument instrument, KeyValuePair<string, object?>[] tags)
{
    /// <summary>Tells a change of a counter, or the value of a gauge.</summary>
    public void Record(long value)
    {
        switch (instrument)
        {
            case Gauge<long> gauge:
                gauge.Record(value, tags);
                break;
            case Counter<long> counter:
                counter.Add(value, tags);
                break;
            case UpDownCounter<long> counter:
                counter.Add(value, tags);
                break;
            default:
                Record((double)value);
                break;
        }
    }

    /// <inheritdoc cref="Record(long)"/>
    public void Record(double value)
    {
        switch (instrument)
        {
            case Gauge<double> gauge:
                gauge.Record(value, tags);
                break;
            case Counter<double> counter:
                counter.Add(value, tags);
                break;
            case UpDownCounter<double> counter:
                counter.Add(value, tags);
                break;
            default:
                break;
        }
    }
}

/// <summary>The series of one app. Thread-safe.</summary>
internal sealed partial class AppMetrics(GuestMetrics all, string app, ILogger logger)
{
    public const int MaxSeries = 1000;
    public const int MaxInstruments = 100;

    private readonly Dictionary<string, Series> _series = new(StringComparer.Ordinal);
    private readonly HashSet<InstrumentKey> _instruments = [];
    private readonly Lock _lock = new();
    private bool _isFull;

    public string App => app;

    /// <summary>The series of an instrument and tags, to which the app's name is added; null: the app has as many as it may.</summary>
    public Series? Find(InstrumentKey key, string description, IReadOnlyList<KeyValuePair<string, object?>> tags)
    {
        string id = Id(key, tags);
        bool isFirstRefusal;
        lock (_lock)
        {
            if (_series.TryGetValue(id, out Series? series))
                return series;
            if (_series.Count < MaxSeries && (_instruments.Contains(key) || _instruments.Count < MaxInstruments) && all.Instrument(key, description) is { } instrument)
            {
                _instruments.Add(key);
                series = new Series(instrument, [.. tags, new("app", app)]);
                _series.Add(id, series);
                return series;
            }

            isFirstRefusal = !_isFull;
            _isFull = true;
        }

        if (isFirstRefusal)
            Full(logger, app, MaxSeries, MaxInstruments);
        return null;
    }

    // Lengths stand before texts, so that no text can make up another series.
    private static string Id(InstrumentKey key, IReadOnlyList<KeyValuePair<string, object?>> tags)
    {
        var id = new StringBuilder(128);
        id.Append(CultureInfo.InvariantCulture, $"{key.Name.Length}:{key.Name}{(int)key.Kind}{(key.IsWhole ? 1 : 0)}{key.Unit.Length}:{key.Unit}");
        foreach ((string name, object? value) in tags.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
            id.Append(CultureInfo.InvariantCulture, $"{name.Length}:{name}{value?.GetType().Name}{text.Length}:{text}");
        }

        return id.ToString();
    }

    [LoggerMessage(21, LogLevel.Warning, "{App}: its metrics have more than {Series} series or {Instruments} names: new ones are dropped")]
    private static partial void Full(ILogger logger, string app, int series, int instruments);
}
