using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Windhover.Components.Linking;
using Windhover.Hosting.Capabilities.Otel.Bindings;

namespace Windhover.Hosting.Capabilities.Otel;

// What a guest tells of itself becomes what .NET tells of itself, so that whoever listens to the one has the other too:
//
//   tracing    GuestSpans      ─► Activities of the ActivitySource Windhover.Guests, below the span of the request
//   metrics    GuestMetrics    ─► instruments of the Meter Windhover.Guests, with the tag `app`
//   logs       GuestRecords    ─► ILogger, category Windhover.Guest.APP

/// <summary>
/// Telemetry of guests: <c>wasi:otel@0.2.0-rc.2</c>. It needs no grant: like standard error, it only tells the operator. What it may cost is bounded (docs/capabilities.md).
/// </summary>
public sealed class OtelCapability : ICapability, IDisposable
{
    /// <summary>The capability's name.</summary>
    public const string CapabilityName = "otel";

    /// <summary>The name of the <see cref="ActivitySource"/> of guests' spans, and of the meter of their metrics.</summary>
    public const string SourceName = "Windhover.Guests";

    private static readonly ActivitySource s_source = new(SourceName);

    private readonly ILoggerFactory _loggers;
    private readonly GuestMetrics _metrics;
    private readonly ConcurrentDictionary<string, SpanRate> _rates = new(StringComparer.Ordinal);

    /// <summary>Makes the telemetry of a server's guests.</summary>
    public OtelCapability(ILoggerFactory loggers)
    {
        ArgumentNullException.ThrowIfNull(loggers);
        _loggers = loggers;
        _metrics = new GuestMetrics();
    }

    /// <inheritdoc/>
    public string Name => CapabilityName;

    /// <inheritdoc/>
    public IReadOnlyList<BackendKind> Backends { get; } = [new BackendKind("server")];

    /// <inheritdoc/>
    public void Define(ComponentLinker linker, CapabilitySlot slot)
    {
        ArgumentNullException.ThrowIfNull(linker);
        OtelHost Host(object? state) => slot.Host<OtelHost>(state);
        OtelWorld.Define(linker, otelTracing: Host, otelMetrics: Host, otelLogs: Host);

        // The candidate before differs in comments.
        foreach (string name in new[] { "tracing", "metrics", "logs" })
            linker.Alias($"wasi:otel/{name}@0.2.0-rc.1", $"wasi:otel/{name}@0.2.0-rc.2");
    }

    /// <inheritdoc/>
    public CapabilityGrant Grant(CapabilityRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return new OtelGrant(this, new TelemetryOrigin(request.App), _loggers.CreateLogger($"Windhover.Guest.{request.App}"));
    }

    /// <summary>Ends the metrics.</summary>
    public void Dispose() => _metrics.Dispose();

    private sealed class OtelGrant(OtelCapability capability, TelemetryOrigin origin, ILogger logger) : CapabilityGrant
    {
        private readonly Lock _lock = new();
        private AppMetrics? _metrics;
        private SpanRate? _rate;

        public override object CreateHost(GuestContext guest)
        {
            lock (_lock)
            {
                _metrics ??= capability._metrics.Of(origin, logger);
                _rate ??= capability._rates.GetOrAdd(origin.App, static (_, time) => new SpanRate(time), guest.Wasi.Options.Time);
            }

            return new OtelHost(s_source, origin, guest, logger, _metrics, _rate);
        }
    }
}

/// <summary>Who tells: an app and, where it has several, its component.</summary>
internal sealed class TelemetryOrigin
{
    public TelemetryOrigin(string name)
    {
        string[] parts = name.Split('/', 2);
        App = parts[0];
        Component = parts.Length == 2 ? parts[1] : null;
    }

    public string App { get; }

    public string? Component { get; }
}
