using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Logs;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Metrics;
using Windhover.Hosting.Capabilities.Otel.Bindings.Wasi.Otel.Tracing;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>The telemetry of one instance.</summary>
internal sealed class OtelHost(ActivitySource source, TelemetryOrigin origin, GuestContext guest, ILogger logger, AppMetrics metrics, SpanRate rate) : ITracing, IMetrics, ILogs, IDisposable
{
    private GuestSpans? _spans;
    private GuestPoints? _points;
    private GuestRecords? _records;

    private GuestSpans Spans => _spans ??= new GuestSpans(source, origin, guest, rate);

    public void OnStart(SpanContext context)
    {
        if (source.HasListeners())
            Spans.Start(context);
    }

    public void OnEnd(SpanData span)
    {
        if (source.HasListeners())
            Spans.End(span);
    }

    public SpanContext OuterSpanContext() => Spans.Outer();

    // The host knows no span of the guest's as the current one: guests keep that to themselves.
    public SpanContext CurrentSpanContext() => Spans.Outer();

    Result<Unit, string> IMetrics.Export(ResourceMetrics metricsOfResource)
    {
        string? problem = (_points ??= new GuestPoints(metrics, guest)).Take(metricsOfResource);
        return problem is null ? Result.Ok() : Result.Err(problem);
    }

    public void OnEmit(LogRecord data) => (_records ??= new GuestRecords(logger, guest, Spans)).Take(data);

    public void Dispose()
    {
        _spans?.Dispose();
        _points?.Dispose();
    }
}
