namespace Windhover.Capabilities.Logging.Bindings;

/// <summary>The generated bindings of logging.</summary>
[WitWorld("windhover:capabilities/logging")]
internal static partial class LoggingWorld;
