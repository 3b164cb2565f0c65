using Windhover.Apps.Operation;
using ActivityKind = System.Diagnostics.ActivityKind;

namespace Windhover.Apps.Dashboard;

/// <summary>Traces: what happened within a request, in which app, and when.</summary>
internal static class TracePages
{
    private const int MaxIndent = 6;

    public static Page List(DashboardSources sources)
    {
        IReadOnlyList<Trace> traces = sources.Traces.All;
        HtmlText body = HtmlText.Of($"<h1>Traces</h1><p class=\"dim\">Some requests of each second are recorded; <code>--otlp</code> sends all of them to a collector.</p>");
        if (traces.Count == 0)
            return new Page("Traces", body.Add($"<p class=\"dim\">None yet.</p>")) { Section = "traces", Address = "/_windhover/traces" };
        body.Add($"<div class=\"wide\"><table class=\"stack\"><thead><tr><th scope=\"col\">Trace</th><th scope=\"col\">Began with</th><th class=\"n\" scope=\"col\">Spans</th><th class=\"n\" scope=\"col\">Took</th><th scope=\"col\">Began</th></tr></thead><tbody>");
        foreach (Trace trace in traces)
        {
            Span first = trace.Spans.MinBy(s => s.Begin)!;
            body.Add($"<tr><th scope=\"row\"><a class=\"mono\" href=\"/_windhover/traces/{trace.Id}\">{trace.Id[..8]}…</a> ");
            if (trace.Spans.Any(s => s.IsError))
                body.Add($"<span class=\"tag err\">error</span>");
            body.Add($"</th><td data-h=\"Began with\"><span>{first.Name} <code>{Tag(first, "http.route")}</code></span></td><td class=\"n\" data-h=\"Spans\">{trace.Spans.Count}</td><td class=\"n\" data-h=\"Took\">{Parts.Time(End(trace) - first.Begin)}</td><td data-h=\"Began\"><time>{first.Begin:HH:mm:ss.fff}</time></td></tr>");
        }

        return new Page("Traces", body.Add($"</tbody></table></div>")) { Section = "traces", Address = "/_windhover/traces" };
    }

    public static Page One(DashboardSources sources, Trace trace)
    {
        HtmlText body = HtmlText.Of($"<h1>Trace <code>{trace.Id}</code></h1>{Spans(trace)}<h2>Lines</h2>{Parts.Lines(sources.Logs.Read(null, where: l => l.Trace == trace.Id))}");
        return new Page("Trace " + trace.Id, body) { Section = "traces", Address = $"/_windhover/traces/{trace.Id}" };
    }

    /// <summary>Each span with a bar that shows when it was, below the span that it belongs to.</summary>
    public static HtmlText Spans(Trace trace)
    {
        Span[] spans = [.. trace.Spans.OrderBy(s => s.Begin)];
        if (spans.Length == 0)
            return HtmlText.Of($"<p class=\"dim\">Nothing of it is over yet.</p>");
        HtmlText text = HtmlText.Of($"<div class=\"wide\"><table class=\"stack\"><thead><tr><th scope=\"col\">What</th><th scope=\"col\" class=\"span\">When</th><th class=\"n\" scope=\"col\">Took</th></tr></thead><tbody>");
        var known = spans.Select(s => s.Id).ToHashSet(StringComparer.Ordinal);
        ILookup<string, Span> children = spans.ToLookup(s => s.Parent is not null && known.Contains(s.Parent) ? s.Parent : "");
        DateTime begin = spans[0].Begin;
        double total = Math.Max(1, (End(trace) - begin).TotalMicroseconds);
        Append(text, children, "", 0, begin, total);
        return text.Add($"</tbody></table></div>");
    }

    private static void Append(HtmlText text, ILookup<string, Span> children, string parent, int depth, DateTime begin, double total)
    {
        if (depth > 100)
            return;
        foreach (Span span in children[parent])
        {
            double from = 1000 * (span.Begin - begin).TotalMicroseconds / total, width = Math.Max(3, 1000 * span.Duration.TotalMicroseconds / total);
            text.Add($"<tr class=\"d{Math.Min(depth, MaxIndent)}\"><th scope=\"row\">{span.Name}{Kind(span)}<br><span class=\"dim small\">{Tags(span.Tags.Where(t => t.Key != "app"))}</span>");
            if (span.Error is { } error)
                text.Add($"<br><span class=\"bad small\">{error}</span>");
            foreach (SpanEvent happened in span.Events)
                text.Add($"<br><span class=\"small\">+{Parts.Time(happened.Time - span.Begin)} {happened.Name} <span class=\"dim\">{Tags(happened.Tags)}</span></span>");
            foreach (string link in span.Links)
                text.Add($"<br><span class=\"dim small\">linked to <code>{link}</code></span>");
            text.Add($"</th><td class=\"span\"><svg viewBox=\"0 0 1000 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"rest\" x=\"0\" y=\"4\" width=\"1000\" height=\"12\" rx=\"3\"/><rect class=\"{(span.IsError ? "err" : "")}\" x=\"{Math.Min(from, 997):0.#}\" y=\"4\" width=\"{width:0.#}\" height=\"12\" rx=\"3\"/></svg></td><td class=\"n\" data-h=\"Took\">{Parts.Time(span.Duration)}</td></tr>");
            Append(text, children, span.Id, depth + 1, begin, total);
        }
    }

    private static string Tags(IEnumerable<KeyValuePair<string, string>> tags) => string.Join(" · ", tags.Select(t => $"{t.Key} {t.Value}"));

    private static HtmlText? Kind(Span span) => span.Kind == ActivityKind.Internal ? null : HtmlText.Of($" <span class=\"dim small\">{span.Kind.ToString().ToLowerInvariant()}</span>");

    private static DateTime End(Trace trace) => trace.Spans.Max(s => s.Begin + s.Duration);

    private static string Tag(Span span, string key) => span.Tags.FirstOrDefault(t => t.Key == key).Value ?? "";
}
