using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Windhover.Apps.Operation;
using Windhover.Cli.Errors;
using Windhover.Hosting.Capabilities.Otel;

namespace Windhover.Cli.Serving;

/// <summary>
/// Traces and metrics by OTLP, when an address is given (<c>--otlp</c>, or OpenTelemetry's own OTEL_EXPORTER_OTLP_ENDPOINT). Spans: Kestrel's for the request, the server's for
/// guests, calls between apps and triggers, the guests' own, .NET's HTTP client for requests that leave; W3C context goes in and out.
/// </summary>
internal static class AppsTelemetry
{
    public static void Add(IServiceCollection services, string? endpoint)
    {
        if (endpoint is null && Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is not { Length: > 0 })
            return;
        if (endpoint is not null && !Uri.TryCreate(endpoint, UriKind.Absolute, out _))
            throw CliException.Usage($"--otlp {endpoint}: expected an address such as http://127.0.0.1:4317");
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("windhover"))
            .WithTracing(tracing => tracing.AddSource(Telemetry.Name, OtelCapability.SourceName, "Microsoft.AspNetCore", "System.Net.Http").AddOtlpExporter(o => Set(o, endpoint)))
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name, OtelCapability.SourceName, "Microsoft.AspNetCore.Hosting", "System.Runtime").AddOtlpExporter(o => Set(o, endpoint)));

        static void Set(OpenTelemetry.Exporter.OtlpExporterOptions options, string? endpoint)
        {
            if (endpoint is not null)
                options.Endpoint = new Uri(endpoint);
        }
    }
}
