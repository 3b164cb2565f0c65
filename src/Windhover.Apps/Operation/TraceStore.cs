using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Windhover.Apps.Operation;

// The last traces, in memory, for the dashboard; where traces are sent (OpenTelemetry) is another matter. Recording costs some microseconds a request, so it is
// rationed: so many new traces a second, each then whole, with the calls between apps and the outgoing HTTP in it. Whoever sends traces records all requests
// anyway; here only those with a ticket are kept.
internal sealed class TraceStore : IDisposable
{
    private const int Kept = 200;
    private const int SpansPerTrace = 200;

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
            ShouldListenTo = source => source.Name is Telemetry.Name or "System.Net.Http",
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
        trace.Spans.Enqueue(new Span(
            activity.SpanId.ToHexString(),
            activity.ParentSpanId == default ? null : activity.ParentSpanId.ToHexString(),
            activity.DisplayName,
            activity.StartTimeUtc,
            activity.Duration,
            activity.Status == ActivityStatusCode.Error,
            activity.StatusDescription,
            [.. activity.TagObjects.Select(t => new KeyValuePair<string, string>(t.Key, Convert.ToString(t.Value, CultureInfo.InvariantCulture) ?? ""))]));
    }
}

/// <summary>What happened for one request, in all apps that it went through.</summary>
internal sealed record Trace(string Id, DateTime Begin)
{
    public ConcurrentQueue<Span> Spans { get; } = new();
}

/// <summary>A piece of work in a trace.</summary>
internal sealed record Span(
    string Id, string? Parent, string Name, DateTime Begin, TimeSpan Duration, bool IsError, string? Error, IReadOnlyList<KeyValuePair<string, string>> Tags);
