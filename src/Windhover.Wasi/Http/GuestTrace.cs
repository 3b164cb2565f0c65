using System.Diagnostics;

namespace Windhover.Wasi.Http;

/// <summary>The trace context of requests that guests send in the name of a span of their own.</summary>
internal static class GuestTrace
{
    private const string Header = "traceparent";

    /// <summary>Under it a message carries the guest's open span.</summary>
    public static readonly HttpRequestOptionsKey<Activity> SpanKey = new("Windhover.Span");

    public static bool IsHeader(string name) => name.Equals(Header, StringComparison.OrdinalIgnoreCase);

    /// <summary>A context as the header's value.</summary>
    public static string Format(ActivityContext context) =>
        $"00-{context.TraceId}-{context.SpanId}-{(context.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? "01" : "00")}";

    /// <summary>The host's span in whose name a request is sent; the default one: none of the guest's own.</summary>
    public static ActivityContext Find(IGuestSpans? spans, Fields headers)
    {
        for (var i = 0; spans is not null && i < headers.Count; i++)
        {
            var (name, value) = headers[i];
            if (IsHeader(name) && spans.TryFind(value, out var span, out _))
                return span;
        }

        return default;
    }
}
