namespace Windhover.Capabilities.KeyValue.Bindings;

/// <summary>The generated bindings of key-value stores.</summary>
[WitWorld("windhover:capabilities/key-value")]
internal static partial class KeyValueWorld;

/// <summary>The generated clients of guests that are told of changes.</summary>
[WitWorld("windhover:capabilities/key-value-watcher")]
internal static partial class KeyValueWatcherWorld;
