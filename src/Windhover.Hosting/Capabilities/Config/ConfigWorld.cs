namespace Windhover.Hosting.Capabilities.Config.Bindings;

/// <summary>The generated bindings of configuration.</summary>
[WitWorld("windhover:capabilities-config/config")]
internal static partial class ConfigWorld;
