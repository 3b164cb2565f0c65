using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Windhover.Hosting.Capabilities.Otel;

namespace Windhover.Apps.Operation;

// The last traces, in memory, for the dashboard; where traces are sent (OpenTelemetry) is another matter. Recording costs some microseconds a request, so it is
// rationed: so many new traces a second, each then whole, with the calls between apps, the outgoing HTTP and the guests' own spans in it. Whoever sends traces records all requests
// anyway; here only those with a ticket are kept.
internal sealed class TraceStore : IDisposable
{
    private const int Kept = 200;
    private const int SpansPerTrace = 200;

    // What guests tell leaves room for what the server tells, whose own span of a request is the last to end; and it may be long.
    private const int GuestSpansPerTrace = 150;
    private const int GuestTextPerTrace = 256 * 1024;

    private readonly ConcurrentDictionary<ActivityTraceId, Trace> _traces = new();
    private readonly ConcurrentQueue<ActivityTraceId> _order = new();
    private readonly ActivityListener _listener;
    private readonly TimeProvider _time;
    private readonly int _perSecond;
    private long _second;
    private int _given;

    public TraceStore(TimeProvider time, AppsOptions options)
    {
        _time = time;
        _perSecond = options.Development ? 500 : 20;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is Telemetry.Name or OtelCapability.SourceName or "System.Net.Http",
            Sample = Sample,
            ActivityStarted = Started,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The last first.</summary>
    public IReadOnlyList<Trace> All => [.. _traces.Values.Where(t => !t.Spans.IsEmpty).OrderByDescending(t => t.Begin)];

    public Trace? Find(string id) => _traces.Values.FirstOrDefault(t => t.Id == id);

    public void Dispose() => _listener.Dispose();

    private ActivitySamplingResult Sample(ref ActivityCreationOptions<ActivityContext> options)
    {
        ActivityTraceId parent = options.Parent.TraceId;
        // Within a request that is not recorded nothing is: it would look like the beginning.
        bool isKept = (parent != default && _traces.ContainsKey(parent)) || (options.Source.Name == Telemetry.Name && RequestLedger.Current is null && HasTicket());
        if (!isKept)
            return ActivitySamplingResult.None;
        // What a client asked to be recorded goes on as such to those whom the guest calls.
        return options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.AllData;
    }

    private bool HasTicket()
    {
        long second = _time.GetUtcNow().ToUnixTimeSeconds();
        long known = Volatile.Read(ref _second);
        if (known != second && Interlocked.CompareExchange(ref _second, second, known) == known)
            Volatile.Write(ref _given, 0);
        return Volatile.Read(ref _given) < _perSecond;
    }

    // A ticket is taken when the span begins: only what is recorded counts.
    private void Started(Activity activity)
    {
        if (activity.Source.Name != Telemetry.Name || RequestLedger.Current is not null || _traces.ContainsKey(activity.TraceId) || !HasTicket())
            return;
        Interlocked.Increment(ref _given);
        if (!_traces.TryAdd(activity.TraceId, new Trace(activity.TraceId.ToHexString(), activity.StartTimeUtc)))
            return;
        _order.Enqueue(activity.TraceId);
        if (_traces.Count > Kept && _order.TryDequeue(out ActivityTraceId oldest))
            _traces.TryRemove(oldest, out _);
    }

    private void Stopped(Activity activity)
    {
        if (!_traces.TryGetValue(activity.TraceId, out Trace? trace) || trace.Spans.Count >= SpansPerTrace)
            return;
        bool isGuests = activity.Source.Name == OtelCapability.SourceName;
        if (isGuests && trace.Spans.Count >= GuestSpansPerTrace)
            return;
        var span = new Span(
            activity.SpanId.ToHexString(),
            activity.ParentSpanId == default ? null : activity.ParentSpanId.ToHexString(),
            activity.DisplayName,
            activity.StartTimeUtc,
            activity.Duration,
            activity.Status == ActivityStatusCode.Error,
            activity.StatusDescription,
            [.. activity.TagObjects.Select(Text)])
        {
            Kind = activity.Kind,
            Events = [.. activity.Events.Select(e => new SpanEvent(e.Name, e.Timestamp.UtcDateTime, [.. e.Tags.Select(Text)]))],
            Links = [.. activity.Links.Select(l => $"{l.Context.TraceId}/{l.Context.SpanId}")],
        };
        if (!isGuests || trace.TakeText(span.TextLength) <= GuestTextPerTrace)
            trace.Spans.Enqueue(span);
    }

    private static KeyValuePair<string, string> Text(KeyValuePair<string, object?> tag) =>
        new(tag.Key, tag.Value is Array list ? string.Join(", ", list.Cast<object?>()) : Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "");
}

/// <summary>What happened for one request, in all apps that it went through.</summary>
internal sealed record Trace(string Id, DateTime Begin)
{
    private int _text;

    public ConcurrentQueue<Span> Spans { get; } = new();

    /// <summary>Adds to the text that guests' spans of it have, and answers the total.</summary>
    public int TakeText(int length) => Interlocked.Add(ref _text, length);
}

/// <summary>A piece of work in a trace.</summary>
internal sealed record Span(
    string Id, string? Parent, string Name, DateTime Begin, TimeSpan Duration, bool IsError, string? Error, IReadOnlyList<KeyValuePair<string, string>> Tags)
{
    public ActivityKind Kind { get; init; }

    public IReadOnlyList<SpanEvent> Events { get; init; } = [];

    /// <summary>Other spans, as TRACE/SPAN.</summary>
    public IReadOnlyList<string> Links { get; init; } = [];

    public int TextLength => Name.Length + (Error?.Length ?? 0) + (Links.Count * 49) + Length(Tags) + Events.Sum(e => e.Name.Length + 32 + Length(e.Tags));

    private static int Length(IReadOnlyList<KeyValuePair<string, string>> tags) => tags.Sum(t => t.Key.Length + t.Value.Length + 32);
}

/// <summary>Something that happened within a span.</summary>
internal sealed record SpanEvent(string Name, DateTime Time, IReadOnlyList<KeyValuePair<string, string>> Tags);
