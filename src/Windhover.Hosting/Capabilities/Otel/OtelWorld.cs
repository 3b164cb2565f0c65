namespace Windhover.Hosting.Capabilities.Otel.Bindings;

/// <summary>The generated bindings of guests' telemetry.</summary>
[WitWorld("windhover:capabilities-otel/otel")]
internal static partial class OtelWorld;
