using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Tracing;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Capabilities.Otel;

// From a guest's spans to activities. A guest chooses its ids itself, and tells nothing but them when a span starts; an activity gets its id from .NET when it starts, and has its parent and kind for
// good then. So an activity is made when both are known, its own end and its parent's id, and a guest's ids are mapped to the host's:
//
//   (1) on-start   the id is noted: open
//   (2) on-end     parent is the server's span, or unknown, or has an activity:   the activity is made, with the times that the guest says
//                  parent is open, or waits itself:                               it waits there
//   (3) then       what waited for it is made, from the top down
//   (4) the end    of the instance: what still waits, for spans that never ended, is made below the server's span
//
// A request that leaves in the name of an open span (`traceparent`) cannot wait for that: its activity is started at once, and those of the open spans around it. Of these, kind and parent are a guess
// (client; the span that was open before): where it was wrong, the tag `guest.kind` says what is right. Everything is below the server's span and in its trace, whatever trace the guest
// names: apps do not write into each other's traces.

/// <summary>The spans of one instance. Used by the thread that runs it.</summary>
internal sealed class GuestSpans(ActivitySource source, TelemetryOrigin origin, GuestContext guest, SpanRate rate) : IGuestSpans, IDisposable
{
    /// <summary>Spans that are recorded for one run (one request of a shared instance).</summary>
    public const int MaxSpans = 1000;

    /// <summary>Ids that an instance knows, open spans among them.</summary>
    public const int MaxKnown = 2048;

    private const int MaxServers = 16;
    private const int MaxDepth = 64;

    private readonly Dictionary<ulong, GuestSpan> _known = [];
    private readonly Queue<GuestSpan> _order = new();
    private readonly List<GuestSpan> _open = [];
    private readonly List<ServerSpan> _servers = [];
    private bool _isDisposed;

    /// <summary>The server's span, for the guest.</summary>
    public SpanContext Outer()
    {
        ServerSpan server = Current();
        return SpanIds.ToWit(server.Context, server.IsRecorded);
    }

    public void Start(SpanContext context)
    {
        if (Admit(context, out ulong id) is not { } server)
            return;
        if (_known.ContainsKey(id))
            Drop("started twice");
        else
            Note(id, server);
    }

    public void End(SpanData span)
    {
        if (Admit(span.SpanContext, out ulong id) is not { } server)
            return;
        if (!_known.TryGetValue(id, out GuestSpan? known))
            known = Note(id, server); // told at its end only
        if (known is null)
            return;
        if (known.HasEnded)
        {
            Drop("ended twice");
            return;
        }

        known.HasEnded = true;
        _open.Remove(known);
        if (known.Live is null && !rate.TryTake())
        {
            Drop("too many in a second");
            Give(known, known.Server.Context); // its children stand where it would
            return;
        }

        known.Draft = Draft(span, known);
        GuestSpan? parent = SpanIds.TryParse(span.ParentSpanId, out ulong parentId) && _known.TryGetValue(parentId, out parent) && parent != known ? parent : null;
        if (known.Live is not null)
            Finish(known, parent);
        else if (parent is null || parent.HasContext)
            Make(known, parent?.Context ?? known.Server.Context);
        else if (guest.Wasi.TryHoldMemory(SpanDraft.MaxBytes / 4))
            (parent.Waiting ??= []).Add(known);
        else
            Make(known, known.Server.Context);
    }

    public bool TryFind(string traceParent, out ActivityContext context, out Activity? open)
    {
        context = default;
        open = null;
        if (_isDisposed || !SpanIds.TryParseParent(traceParent, out ulong id) || !_known.TryGetValue(id, out GuestSpan? known))
            return false;
        context = ContextOf(known, ActivityKind.Client, 0);
        open = known.Live;
        return context != default;
    }

    /// <summary>The activity around what the guest does.</summary>
    public Activity? Around => Current().Activity;

    /// <summary>The host's id for one of the guest's; null where it has none yet.</summary>
    public string? IdOf(string spanId) =>
        SpanIds.TryParse(spanId, out ulong id) && _known.TryGetValue(id, out GuestSpan? known) && known.HasContext ? known.Context.SpanId.ToHexString() : null;

    /// <summary>Step (4).</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        while (_order.TryDequeue(out GuestSpan? known))
            Forget(known);
    }

    // Whether a call counts at all; the server's span then.
    private ServerSpan? Admit(SpanContext context, out ulong id)
    {
        id = 0;
        if (_isDisposed || !context.TraceFlags.HasFlag(TraceFlags.Sampled))
            return null;
        ServerSpan server = Current();
        if (!server.IsRecorded)
            return null;
        if (SpanIds.TryParse(context.SpanId, out id))
            return server;
        Drop("its id is none");
        return null;
    }

    private GuestSpan? Note(ulong id, ServerSpan server)
    {
        if (server.Count >= MaxSpans)
        {
            Drop("too many in a run");
            return null;
        }

        server.Count++;
        if (_order.Count == MaxKnown)
            Forget(_order.Dequeue());
        var known = new GuestSpan(id, server, _open.LastOrDefault(s => s.Server == server), Now);
        _known.Add(id, known);
        _order.Enqueue(known);
        _open.Add(known);
        return known;
    }

    // What waits for it does not wait any longer, nor does it.
    private void Forget(GuestSpan known)
    {
        _known.Remove(known.Id);
        if (!known.HasEnded)
        {
            _open.Remove(known);
            Drop("never ended");
            known.HasEnded = true;
            if (known.Live is { } live)
            {
                live.DisplayName = "span that never ended";
                Stop(live, Now);
            }
            else
            {
                Give(known, known.Server.Context);
            }
        }
        else if (known.Draft is not null)
        {
            Make(known, known.Server.Context);
        }
    }

    private SpanDraft Draft(SpanData span, GuestSpan known)
    {
        SpanDraft draft = SpanDraft.Of(span, known.Server.Begin, Now, LinkTo);
        draft.Tags.Add(new("app", origin.App));
        if (origin.Component is not null)
            draft.Tags.Add(new("component", origin.Component));
        draft.Tags.Add(new("guest.span_id", known.Id.ToString("x16", System.Globalization.CultureInfo.InvariantCulture)));
        if (known.Server.Context == default || !span.SpanContext.TraceId.Equals(known.Server.TraceId, StringComparison.OrdinalIgnoreCase))
            draft.Tags.Add(new("guest.trace_id", TelemetryText.Cut(span.SpanContext.TraceId, 32)));
        return draft;
    }

    // A guest's own span, which has a context when it is made, or one of elsewhere.
    private Func<ActivityContext?>? LinkTo(SpanContext context)
    {
        if (SpanIds.TryParse(context.SpanId, out ulong id) && _known.TryGetValue(id, out GuestSpan? known))
            return () => known.HasContext ? known.Context : null;
        return SpanIds.FromWit(context) is { } other ? () => other : null;
    }

    // Steps (2) and (3). A loop, since what waits may be deep.
    private void Make(GuestSpan first, ActivityContext parent)
    {
        var todo = new Stack<(GuestSpan Span, ActivityContext Parent)>();
        todo.Push((first, parent));
        Activity? around = Activity.Current;
        while (todo.TryPop(out (GuestSpan Span, ActivityContext Parent) next))
        {
            if (next.Span.Draft is { } draft)
            {
                next.Span.Draft = null;
                using Activity? activity = source.StartActivity(draft.Kind, next.Parent, tags: null, links: draft.Links(), startTime: draft.Begin, name: draft.Name);
                next.Span.Context = activity?.Context ?? next.Parent;
                if (activity is { IsAllDataRequested: true })
                    draft.WriteTo(activity);
                activity?.SetEndTime(draft.End);
            }

            foreach (GuestSpan waiting in TakeWaiting(next.Span))
                todo.Push((waiting, next.Span.Context));
        }

        Activity.Current = around;
    }

    // It has no activity, and another's place.
    private void Give(GuestSpan span, ActivityContext context)
    {
        span.Draft = null;
        span.Context = context;
        span.HasContext = true;
        Make(span, context);
    }

    private List<GuestSpan> TakeWaiting(GuestSpan span)
    {
        List<GuestSpan> waiting = span.Waiting ?? [];
        span.Waiting = null;
        span.HasContext = true;
        if (waiting.Count > 0)
            guest.Wasi.ReleaseMemory(waiting.Count * (SpanDraft.MaxBytes / 4));
        waiting.Reverse(); // The first comes off the stack first.
        return waiting;
    }

    // The end of an activity that was started before its span ended.
    private static void Finish(GuestSpan span, GuestSpan? parent)
    {
        Activity live = span.Live!;
        SpanDraft draft = span.Draft!;
        span.Draft = null;
        span.Live = null;
        live.DisplayName = draft.Name;
        if (live.IsAllDataRequested)
        {
            draft.WriteTo(live);
            foreach (ActivityLink link in draft.Links() ?? [])
                live.AddLink(link);
            if (live.Kind != draft.Kind)
                live.SetTag("guest.kind", draft.Kind.ToString().ToLowerInvariant());
            if (parent != span.Around && parent is { HasContext: true })
                live.SetTag("guest.parent", parent.Context.SpanId.ToHexString());
        }

        live.SetStartTime(draft.Begin);
        Stop(live, draft.End);
    }

    private static void Stop(Activity activity, DateTime end)
    {
        Activity? around = Activity.Current;
        activity.SetEndTime(end).Stop();
        Activity.Current = around;
    }

    // The host's context of a span, made now where there is none yet.
    private ActivityContext ContextOf(GuestSpan span, ActivityKind kind, int depth)
    {
        if (span.HasContext)
            return span.Context;
        ActivityContext parent = span.Around is { } outer && depth < MaxDepth ? ContextOf(outer, ActivityKind.Internal, depth + 1) : span.Server.Context;
        if (span.HasEnded)
        {
            Make(span, parent);
            return span.Context;
        }

        Activity? around = Activity.Current;
        span.Live = source.StartActivity(kind, parent, tags: null, links: null, startTime: span.Begin, name: "span");
        Activity.Current = around;
        span.Context = span.Live?.Context ?? parent;
        Make(span, span.Context); // what waits for it
        return span.Context;
    }

    // The span of the request whose code runs, and whether anybody records what is below it.
    private ServerSpan Current()
    {
        Activity? activity = (guest.Wasi.Caller as HttpContext)?.Features.Get<IHttpActivityFeature>()?.Activity ?? Activity.Current;
        foreach (ServerSpan known in _servers)
        {
            if (known.Activity == activity)
                return known;
        }

        ActivityContext context = activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Context : default;
        bool isRecorded = false;
        if (source.HasListeners())
        {
            // Not started: listeners are asked, and told nothing.
            isRecorded = source.CreateActivity("span", ActivityKind.Internal, context) is { IsAllDataRequested: true };
        }

        if (_servers.Count == MaxServers)
            _servers.RemoveAt(0);
        var server = new ServerSpan(activity, context, isRecorded, Now);
        _servers.Add(server);
        if (isRecorded)
            guest.Wasi.Spans = this;
        return server;
    }

    private DateTime Now => guest.Wasi.Options.Time.GetUtcNow().UtcDateTime;

    private void Drop(string reason) => TelemetryDrops.Add(origin.App, "span", reason);

    /// <summary>A span of the host's, with those of the guest below it.</summary>
    private sealed class ServerSpan(Activity? activity, ActivityContext context, bool isRecorded, DateTime now)
    {
        public Activity? Activity => activity;

        public ActivityContext Context => context;

        public string TraceId { get; } = context.TraceId.ToHexString();

        public bool IsRecorded => isRecorded;

        /// <summary>Nothing below it began earlier.</summary>
        public DateTime Begin { get; } = activity is not null && activity.StartTimeUtc < now ? activity.StartTimeUtc : now;

        public int Count { get; set; }
    }

    /// <summary>A span of the guest's: open, waiting for its parent's activity, or made.</summary>
    private sealed class GuestSpan(ulong id, ServerSpan server, GuestSpan? around, DateTime begin)
    {
        public ulong Id => id;

        public ServerSpan Server => server;

        /// <summary>The span that was open when this one started; the likely parent.</summary>
        public GuestSpan? Around => around;

        public DateTime Begin => begin;

        public bool HasEnded { get; set; }

        /// <summary>Its activity, where that was started before the span ended.</summary>
        public Activity? Live { get; set; }

        /// <summary>What to make; null before the end, and when it is made.</summary>
        public SpanDraft? Draft { get; set; }

        public List<GuestSpan>? Waiting { get; set; }

        /// <summary>The host's context, once it is known.</summary>
        public ActivityContext Context { get; set; }

        public bool HasContext { get; set; }
    }
}
