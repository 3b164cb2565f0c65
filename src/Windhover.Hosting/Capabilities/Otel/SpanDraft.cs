using System.Diagnostics;
using System.Globalization;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Tracing;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>A span that has ended, as the host will tell it, within what one may have: 16 KiB of text, 128 attributes, events and links each.</summary>
internal sealed class SpanDraft
{
    /// <summary>Text of one span, with 32 for each attribute, event and link.</summary>
    public const int MaxBytes = 16 * 1024;

    private List<(Func<ActivityContext?> Find, ActivityTagsCollection Tags)>? _links;

    private SpanDraft(string name, ActivityKind kind, DateTime begin, DateTime end)
    {
        Name = name;
        Kind = kind;
        Begin = begin;
        End = end;
    }

    public string Name { get; }

    public ActivityKind Kind { get; }

    public DateTime Begin { get; }

    public DateTime End { get; }

    public required List<KeyValuePair<string, object?>> Tags { get; init; }

    public List<ActivityEvent>? Events { get; private set; }

    public ActivityStatusCode Status { get; private set; }

    public string? StatusText { get; private set; }

    /// <param name="span">What the guest says.</param>
    /// <param name="earliest">No time of the span is before it.</param>
    /// <param name="latest">Nor after it.</param>
    /// <param name="link">Finds the host's context for one that the guest names, later: it may be a span that is open now. Null: it is none.</param>
    public static SpanDraft Of(SpanData span, DateTime earliest, DateTime latest, Func<SpanContext, Func<ActivityContext?>?> link)
    {
        var text = new TelemetryText(MaxBytes);
        string name = text.Take(span.Name);
        DateTime begin = TelemetryText.ToDateTime(span.StartTime, earliest, latest);
        var draft = new SpanDraft(name.Length == 0 ? "span" : name, KindOf(span.SpanKind), begin, TelemetryText.ToDateTime(span.EndTime, begin, latest)) { Tags = text.Take(span.Attributes) };
        draft.SetStatus(span.Status, ref text);
        draft.AddScope(span, ref text);
        int attributes = text.Dropped;
        draft.AddEvents(span.Events, earliest, latest, ref text);
        draft.AddLinks(span.Links, link, ref text);
        draft.AddCount("guest.dropped_attributes", attributes + (long)span.DroppedAttributes);
        draft.AddCount("guest.dropped_events", span.DroppedEvents + (long)(span.Events.Count - (draft.Events?.Count ?? 0)));
        draft.AddCount("guest.dropped_links", span.DroppedLinks + (long)(span.Links.Count - (draft._links?.Count ?? 0)));
        return draft;
    }

    /// <summary>The links to spans that have a context by now.</summary>
    public List<ActivityLink>? Links()
    {
        if (_links is null)
            return null;
        var links = new List<ActivityLink>(_links.Count);
        foreach ((Func<ActivityContext?> find, ActivityTagsCollection tags) in _links)
        {
            if (find() is { } context)
                links.Add(new ActivityLink(context, tags));
        }

        return links;
    }

    /// <summary>Adds everything but name, kind, links and times, which an activity has from its beginning.</summary>
    public void WriteTo(Activity activity)
    {
        foreach ((string key, object? value) in Tags)
            activity.SetTag(key, value);
        foreach (ActivityEvent happened in Events ?? [])
            activity.AddEvent(happened);
        if (Status != ActivityStatusCode.Unset)
            activity.SetStatus(Status, StatusText);
    }

    public static ActivityKind KindOf(SpanKind kind) => kind switch
    {
        SpanKind.Client => ActivityKind.Client,
        SpanKind.Server => ActivityKind.Server,
        SpanKind.Producer => ActivityKind.Producer,
        SpanKind.Consumer => ActivityKind.Consumer,
        _ => ActivityKind.Internal,
    };

    private void SetStatus(Status status, ref TelemetryText text)
    {
        Status = status switch { Bindings.Wasi.Otel.Tracing.Status.Ok => ActivityStatusCode.Ok, Bindings.Wasi.Otel.Tracing.Status.Error => ActivityStatusCode.Error, _ => ActivityStatusCode.Unset };
        if (status is Bindings.Wasi.Otel.Tracing.Status.Error { Value: { Length: > 0 } reason })
            StatusText = text.Take(reason, 1024);
    }

    // .NET has one source for all guests: whose library told it is a tag.
    private void AddScope(SpanData span, ref TelemetryText text)
    {
        if (span.InstrumentationScope.Name.Length > 0)
            Tags.Add(new("guest.scope", text.Take(span.InstrumentationScope.Name)));
        if (span.InstrumentationScope.Version is { Length: > 0 } version)
            Tags.Add(new("guest.scope.version", text.Take(version)));
    }

    private void AddEvents(IReadOnlyList<Event> events, DateTime earliest, DateTime latest, ref TelemetryText text)
    {
        foreach (Event happened in events)
        {
            if (Events is { Count: TelemetryText.MaxItems } || !text.TryTakeItem(Math.Min(happened.Name.Length, TelemetryText.MaxName)))
                return;
            var tags = new ActivityTagsCollection();
            foreach ((string key, object? value) in text.Take(happened.Attributes))
                tags[key] = value;
            (Events ??= []).Add(new ActivityEvent(TelemetryText.Cut(happened.Name, TelemetryText.MaxName), TelemetryText.ToDateTime(happened.Time, earliest, latest), tags));
        }
    }

    private void AddLinks(IReadOnlyList<Link> links, Func<SpanContext, Func<ActivityContext?>?> named, ref TelemetryText text)
    {
        foreach (Link link in links)
        {
            if (_links is { Count: TelemetryText.MaxItems } || !text.TryTakeItem(0))
                return;
            if (named(link.SpanContext) is not { } find)
                continue;
            var tags = new ActivityTagsCollection();
            foreach ((string key, object? value) in text.Take(link.Attributes))
                tags[key] = value;
            (_links ??= []).Add((find, tags));
        }
    }

    private void AddCount(string key, long count)
    {
        if (count > 0)
            Tags.Add(new(key, count.ToString(CultureInfo.InvariantCulture)));
    }
}
