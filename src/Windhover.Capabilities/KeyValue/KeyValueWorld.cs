namespace Windhover.Capabilities.KeyValue.Bindings;

/// <summary>The generated bindings of key-value stores.</summary>
[WitWorld("windhover:capabilities/key-value")]
internal static partial class KeyValueWorld;
