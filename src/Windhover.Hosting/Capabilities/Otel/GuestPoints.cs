using System.Runtime.InteropServices;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Clocks.WallClock;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Metrics;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Types;

namespace Windhover.Hosting.Capabilities.Otel;

// From the points that a guest exports to measurements:
//
//   gauge        its value
//   sum          counter, or up-down counter: what it grew by. Delta: as it is. Cumulative: less what this instance told before for the same series and start time; a fresh instance begins at 0, so the
//                sums of many short-lived ones add up. One that fell without a new start time began anew
//   histogram    NAME.count, NAME.sum and NAME.bucket (tag `le`), counters, each of them as a sum
//
// Exemplars, minima and maxima are left out, and so is the resource: the server is one.

/// <summary>The metrics of one instance. Used by the thread that runs it.</summary>
internal sealed class GuestPoints(AppMetrics metrics, GuestContext guest) : IDisposable
{
    /// <summary>Points of one call.</summary>
    public const int MaxPoints = 10_000;

    private const int MaxTags = 32;
    private const int MaxTagText = 2048;
    private const int LastBytes = 96;

    private readonly Dictionary<Series, Last> _last = [];
    private int _points;

    /// <summary>Takes what a guest exports; what fits is told even if something else does not.</summary>
    /// <returns>What was wrong first; null: nothing.</returns>
    public string? Take(ResourceMetrics export)
    {
        _points = 0;
        string? problem = null;
        foreach (ScopeMetrics scope in export.ScopeMetrics)
        {
            foreach (Metric metric in scope.Metrics)
            {
                if (Take(metric, scope.Scope) is not { } wrong)
                    continue;
                TelemetryDrops.Add(metrics.App, "metric", wrong == TooManySeries ? "too many series" : "refused");
                problem ??= $"{TelemetryText.Cut(metric.Name, 64)}: {wrong}";
                if (_points > MaxPoints)
                    return problem;
            }
        }

        return problem;
    }

    public void Dispose()
    {
        guest.Wasi.ReleaseMemory(_last.Count * LastBytes);
        _last.Clear();
    }

    private string? Take(Metric metric, InstrumentationScope scope)
    {
        if (!IsName(metric.Name))
            return "a metric's name begins with a letter, has letters, digits, `_`, `.`, `-` and `/`, 200 at most, and does not begin with `windhover`";
        if (metric.Unit.Length > 63 || !metric.Unit.All(char.IsAscii))
            return "a unit has 63 ASCII characters at most";
        return metric.Data switch
        {
            MetricData.F64Gauge gauge => Take(metric, scope, gauge.Value, isWhole: false),
            MetricData.U64Gauge gauge => Take(metric, scope, gauge.Value, isWhole: true),
            MetricData.S64Gauge gauge => Take(metric, scope, gauge.Value, isWhole: true),
            MetricData.F64Sum sum => Take(metric, scope, sum.Value, isWhole: false),
            MetricData.U64Sum sum => Take(metric, scope, sum.Value, isWhole: true),
            MetricData.S64Sum sum => Take(metric, scope, sum.Value, isWhole: true),
            MetricData.F64Histogram histogram => Take(metric, scope, histogram.Value),
            MetricData.U64Histogram histogram => Take(metric, scope, histogram.Value),
            MetricData.S64Histogram histogram => Take(metric, scope, histogram.Value),
            MetricData.F64ExponentialHistogram histogram => Take(metric, scope, histogram.Value),
            MetricData.U64ExponentialHistogram histogram => Take(metric, scope, histogram.Value),
            MetricData.S64ExponentialHistogram histogram => Take(metric, scope, histogram.Value),
            _ => "a kind that is not known",
        };
    }

    private string? Take(Metric metric, InstrumentationScope scope, Gauge gauge, bool isWhole)
    {
        string? problem = null;
        foreach (GaugeDataPoint point in gauge.DataPoints)
        {
            if (!TryNumber(point.Value, out Number value))
                problem ??= "a value is no number";
            else if (Find(metric, scope, point.Attributes, new(metric.Name, SeriesKind.Gauge, isWhole, metric.Unit), out string? wrong) is not { } series)
                problem ??= wrong;
            else if (isWhole)
                series.Record(value.Whole);
            else
                series.Record(value.Real);
        }

        return problem;
    }

    private string? Take(Metric metric, InstrumentationScope scope, Sum sum, bool isWhole)
    {
        string? problem = null;
        SeriesKind kind = sum.IsMonotonic ? SeriesKind.Counter : SeriesKind.UpDownCounter;
        var window = new Window(sum.StartTime, IsDelta(sum.Temporality, sum.IsMonotonic));
        foreach (SumDataPoint point in sum.DataPoints)
        {
            if (!TryNumber(point.Value, out Number value) || (sum.IsMonotonic && value.Real < 0))
                problem ??= "a value is no number, or of a sum that only grows, and negative";
            else if (Find(metric, scope, point.Attributes, new(metric.Name, kind, isWhole, metric.Unit), out string? wrong) is { } series)
                problem = Add(series, window, value, isWhole, sum.IsMonotonic) ?? problem;
            else
                problem ??= wrong;
        }

        return problem;
    }

    private string? Take(Metric metric, InstrumentationScope scope, Histogram histogram)
    {
        string? problem = null;
        var window = new Window(histogram.StartTime, IsDelta(histogram.Temporality, isMonotonic: true));
        foreach (HistogramDataPoint point in histogram.DataPoints)
            problem = Take(metric, scope, point.Attributes, window, point.Count, point.Sum, Bucket.Of(point.Bounds.Span, point.BucketCounts.Span)) ?? problem;
        return problem;
    }

    private string? Take(Metric metric, InstrumentationScope scope, ExponentialHistogram histogram)
    {
        string? problem = null;
        var window = new Window(histogram.StartTime, IsDelta(histogram.Temporality, isMonotonic: true));
        foreach (ExponentialHistogramDataPoint point in histogram.DataPoints)
            problem = Take(metric, scope, point.Attributes, window, point.Count, point.Sum, Bucket.Of(point)) ?? problem;
        return problem;
    }

    private string? Take(Metric metric, InstrumentationScope scope, IReadOnlyList<KeyValue> attributes, Window window, ulong count, MetricNumber sum, List<Bucket>? buckets)
    {
        if (buckets is null)
            return "the buckets of a histogram: bounds rise, are 100 at most, and there is one more of counts; exponential ones are 4,096 at most, of scale -10 to 20";
        if (!TryNumber(sum, out Number total))
            return "the sum of a histogram is no number";
        if (Tags(scope, attributes) is not { } tags)
            return TooManyTags;
        string? problem = Add(metric, tags, ".count", "{count}", isWhole: true, SeriesKind.Counter, window, Number.Of(Bucket.ToCount(count)));
        // Negative values let the sum fall.
        problem ??= Add(metric, tags, ".sum", metric.Unit, isWhole: false, SeriesKind.UpDownCounter, window, total);
        foreach (Bucket bucket in buckets)
            problem ??= Add(metric, [.. tags, new("le", bucket.Bound)], ".bucket", "{count}", isWhole: true, SeriesKind.Counter, window, Number.Of(bucket.Count));

        return problem;
    }

    private string? Add(
        Metric metric, List<KeyValuePair<string, object?>> tags, string suffix, string unit, bool isWhole, SeriesKind kind, Window window, Number value)
    {
        if (++_points > MaxPoints)
            return TooManyPoints;
        return metrics.Find(new(metric.Name + suffix, kind, isWhole, unit), TelemetryText.Cut(metric.Description, 1024), tags) is { } series
            ? Add(series, window, value, isWhole, kind == SeriesKind.Counter)
            : TooManySeries;
    }

    private string? Add(Series series, Window window, Number value, bool isWhole, bool isMonotonic)
    {
        Number before = default;
        if (!window.IsDelta)
        {
            if (!_last.ContainsKey(series) && !guest.Wasi.TryHoldMemory(LastBytes))
                return "the app's budget of host memory is used up";
            ref Last last = ref CollectionsMarshal.GetValueRefOrAddDefault(_last, series, out bool isKnown)!;
            bool isSame = isKnown && last.Start == window.Start && !(isMonotonic && value.IsLess(last.Value));
            before = isSame ? last.Value : default;
            last = new Last(window.Start, value);
        }

        // Also a change of 0: a series is there from its first point.
        if (isWhole)
            series.Record(value.Whole - before.Whole);
        else
            series.Record(value.Real - before.Real);
        return null;
    }

    private Series? Find(Metric metric, InstrumentationScope scope, IReadOnlyList<KeyValue> attributes, InstrumentKey key, out string? wrong)
    {
        wrong = TooManyPoints;
        if (++_points > MaxPoints)
            return null;
        wrong = TooManyTags;
        if (Tags(scope, attributes) is not { } tags)
            return null;
        wrong = TooManySeries;
        return metrics.Find(key, TelemetryText.Cut(metric.Description, 1024), tags);
    }

    // All of them or none: a series that lacks some is another one.
    private static List<KeyValuePair<string, object?>>? Tags(InstrumentationScope scope, IReadOnlyList<KeyValue> attributes)
    {
        var tags = new List<KeyValuePair<string, object?>>(attributes.Count + 3);
        int text = scope.Name.Length;
        foreach (KeyValue attribute in attributes)
        {
            text += attribute.Key.Length + attribute.Value.Length;
            if (tags.Count == MaxTags || text > MaxTagText)
                return null;
            if (TelemetryText.IsReserved(attribute.Key) || attribute.Key == "le" || tags.Exists(t => t.Key == attribute.Key))
                continue;
            object? value = TelemetryText.Read(attribute.Value);
            tags.Add(new(attribute.Key, value is Array ? attribute.Value : value));
        }

        if (text > MaxTagText)
            return null;
        if (scope.Name.Length > 0)
            tags.Add(new("guest.scope", scope.Name));
        return tags;
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 200 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/')
        && !name.StartsWith("windhover", StringComparison.OrdinalIgnoreCase);

    // What "low memory" means for an instrument: delta where it only grows.
    private static bool IsDelta(Temporality temporality, bool isMonotonic) => temporality == Temporality.Delta || (temporality == Temporality.LowMemory && isMonotonic);

    private static bool TryNumber(MetricNumber number, out Number value)
    {
        value = number switch
        {
            MetricNumber.U64 whole => Number.Of(Bucket.ToCount(whole.Value)),
            MetricNumber.S64 whole => Number.Of(whole.Value),
            MetricNumber.F64 real => new Number((long)Math.Clamp(real.Value, long.MinValue, long.MaxValue), real.Value),
            _ => default,
        };
        return double.IsFinite(value.Real);
    }

    private static readonly string TooManyPoints = $"more than {MaxPoints} points in one call";

    private static readonly string TooManyTags = $"more than {MaxTags} attributes, or {MaxTagText} characters of them";

    private static readonly string TooManySeries = $"the app has {AppMetrics.MaxSeries} series or {AppMetrics.MaxInstruments} names of metrics already";

    private readonly record struct Window(Datetime Start, bool IsDelta);

    private readonly record struct Last(Datetime Start, Number Value);

    // A sum of whole numbers is exact as such.
    private readonly record struct Number(long Whole, double Real)
    {
        public static Number Of(long whole) => new(whole, whole);

        public bool IsLess(Number other) => Whole != other.Whole ? Whole < other.Whole : Real < other.Real;
    }
}
