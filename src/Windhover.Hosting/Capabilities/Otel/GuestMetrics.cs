using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>The kinds of instruments that guests' metrics become.</summary>
internal enum SeriesKind
{
    Gauge,
    Counter,
    UpDownCounter,
}

/// <summary>What an instrument is made by: apps that name the same share it, and the tag <c>app</c> tells them apart.</summary>
internal readonly record struct InstrumentKey(string Name, SeriesKind Kind, bool IsWhole, string Unit);

// Bounds, since collectors keep every instrument and every set of tags that they ever saw:
//
//   all apps   1,000 instruments     an app   100 instruments · 1,000 series (an instrument with a set of tags)

/// <summary>The instruments of all guests of a server, in one meter. Thread-safe.</summary>
internal sealed class GuestMetrics : IDisposable
{
    public const int MaxInstruments = 1000;

    private readonly Meter _meter = new(OtelCapability.SourceName);
    private readonly ConcurrentDictionary<string, AppMetrics> _apps = new(StringComparer.Ordinal);
    private readonly Dictionary<InstrumentKey, Instrument> _instruments = [];
    private readonly Lock _lock = new();

    /// <summary>The metrics of an app, which stay while the app is loaded anew: so do its series in collectors.</summary>
    public AppMetrics Of(TelemetryOrigin origin, ILogger logger) => _apps.GetOrAdd(origin.App, static (app, made) => new AppMetrics(made.Metrics, app, made.Logger), (Metrics: this, Logger: logger));

    /// <summary>Null: there are as many as may be.</summary>
    public Instrument? Instrument(InstrumentKey key, string description)
    {
        lock (_lock)
        {
            if (_instruments.TryGetValue(key, out Instrument? instrument))
                return instrument;
            if (_instruments.Count >= MaxInstruments)
                return null;
            instrument = Create(key, description);
            _instruments.Add(key, instrument);
            return instrument;
        }
    }

    public void Dispose() => _meter.Dispose();

    private Instrument Create(InstrumentKey key, string description) => (key.Kind, key.IsWhole) switch
    {
        (SeriesKind.Gauge, true) => _meter.CreateGauge<long>(key.Name, key.Unit, description),
        (SeriesKind.Gauge, false) => _meter.CreateGauge<double>(key.Name, key.Unit, description),
        (SeriesKind.Counter, true) => _meter.CreateCounter<long>(key.Name, key.Unit, description),
        (SeriesKind.Counter, false) => _meter.CreateCounter<double>(key.Name, key.Unit, description),
        (_, true) => _meter.CreateUpDownCounter<long>(key.Name, key.Unit, description),
        (_, false) => _meter.CreateUpDownCounter<double>(key.Name, key.Unit, description),
    };
}
