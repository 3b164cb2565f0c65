using System.Diagnostics;
using System.Globalization;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Tracing;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>W3C trace context between WIT and .NET. Guests' ids are text of any kind.</summary>
internal static class SpanIds
{
    private const int MaxTraceState = 32;
    private const int TraceParentLength = 55;

    /// <summary>Nothing: ids of zeros.</summary>
    public static readonly SpanContext None = new(new string('0', 32), new string('0', 16), default, false, []);

    /// <summary>A span's id as a number, never 0.</summary>
    public static bool TryParse(string text, out ulong id)
    {
        id = 0;
        return text.Length == 16 && ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id) && id != 0;
    }

    /// <summary>The span's id in a <c>traceparent</c>.</summary>
    public static bool TryParseParent(string traceParent, out ulong id)
    {
        id = 0;
        return traceParent.Length == TraceParentLength && traceParent[2] == '-' && traceParent[35] == '-' && traceParent[52] == '-'
            && ulong.TryParse(traceParent.AsSpan(36, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out id) && id != 0;
    }

    /// <summary>What the guest is told of a span of the host's.</summary>
    /// <param name="context">The span's.</param>
    /// <param name="isRecorded">Whether spans below it are wanted.</param>
    public static SpanContext ToWit(ActivityContext context, bool isRecorded) => context == default ? None : new SpanContext(
        context.TraceId.ToHexString(), context.SpanId.ToHexString(), isRecorded ? TraceFlags.Sampled : default, context.IsRemote, ToWit(context.TraceState));

    /// <summary>The context that a guest names; null when its ids are none.</summary>
    public static ActivityContext? FromWit(SpanContext context)
    {
        if (!TryParse(context.SpanId, out _) || context.TraceId.Length != 32 || !context.TraceId.All(char.IsAsciiHexDigit) || context.TraceId.All(c => c == '0'))
            return null;
        return new ActivityContext(
            ActivityTraceId.CreateFromString(context.TraceId.ToLowerInvariant()),
            ActivitySpanId.CreateFromString(context.SpanId.ToLowerInvariant()),
            context.TraceFlags.HasFlag(TraceFlags.Sampled) ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None,
            isRemote: context.IsRemote);
    }

    private static List<(string, string)> ToWit(string? state)
    {
        if (string.IsNullOrEmpty(state))
            return [];
        var entries = new List<(string, string)>();
        foreach (string entry in state.Split(',', MaxTraceState + 1, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = entry.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && entries.Count < MaxTraceState)
                entries.Add((entry[..equals], entry[(equals + 1)..]));
        }

        return entries;
    }
}
