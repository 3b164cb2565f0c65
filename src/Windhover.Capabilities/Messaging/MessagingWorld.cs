namespace Windhover.Capabilities.Messaging.Bindings;

/// <summary>The generated bindings of messaging: what guests import.</summary>
[WitWorld("windhover:capabilities/messaging")]
internal static partial class MessagingWorld;

/// <summary>The generated client of guests that take messages by <c>wasi:messaging</c>.</summary>
[WitWorld("windhover:capabilities/messaging-handler")]
internal static partial class MessagingHandlerWorld;

/// <summary>The generated client of guests that take messages by <c>wasmcloud:messaging</c>.</summary>
[WitWorld("windhover:capabilities/wasmcloud-handler")]
internal static partial class WasmcloudHandlerWorld;
