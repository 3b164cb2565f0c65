using Windhover.Hosting.Apps;

namespace Windhover.Hosting.Capabilities.Otel;

/// <summary>
/// Spans of one app in a second, all its instances together: exporters have one queue for all apps (OpenTelemetry's holds 2,048), so an app that fills it would hide what others tell.
/// </summary>
internal sealed class SpanRate
{
    public const int PerSecond = 2000;

    private readonly Rate _rate;

    public SpanRate(TimeProvider time) => _rate = new Rate(time, PerSecond);

    public bool TryTake() => _rate.TryTake(out _);
}
