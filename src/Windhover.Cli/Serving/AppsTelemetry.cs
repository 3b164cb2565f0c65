using System.Collections;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Windhover.Apps.Operation;
using Windhover.Cli.Errors;
using Windhover.Hosting.Capabilities.Otel;

namespace Windhover.Cli.Serving;

/// <summary>
/// Traces and metrics by OTLP, when an address is given (<c>--otlp</c>, or OpenTelemetry's own OTEL_EXPORTER_OTLP_ENDPOINT; its other variables hold too). Spans: Kestrel's for the request, the server's
/// for guests, calls between apps and triggers, the guests' own, .NET's HTTP client for requests that leave; W3C context goes in and out.
/// </summary>
internal static class AppsTelemetry
{
    private const string Prefix = "OTEL_";
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static void Add(WebApplicationBuilder builder, string? endpoint)
    {
        if (endpoint is not null && !Uri.TryCreate(endpoint, UriKind.Absolute, out _))
            throw CliException.Usage($"--otlp {endpoint}: expected an address such as http://127.0.0.1:4317");
        var settings = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Where(v => ((string)v.Key).StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(v => (string)v.Key, v => (string?)v.Value, StringComparer.Ordinal);
        if (endpoint is not null)
            settings[Endpoint] = endpoint;
        if (string.IsNullOrEmpty(settings.GetValueOrDefault(Endpoint)))
            return;

        // The server reads no other configuration, and this is where OpenTelemetry looks.
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("windhover"))
            .WithTracing(tracing => tracing.AddSource(Telemetry.Name, OtelCapability.SourceName, "Microsoft.AspNetCore", "System.Net.Http").AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddMeter(Telemetry.Name, OtelCapability.SourceName, "Microsoft.AspNetCore.Hosting", "System.Runtime").AddOtlpExporter());
    }
}
