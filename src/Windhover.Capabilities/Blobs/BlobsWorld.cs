namespace Windhover.Capabilities.Blobs.Bindings;

/// <summary>The generated bindings of blob stores.</summary>
[WitWorld("windhover:capabilities/blobs")]
[WitExternal("wasi:io", "Windhover.Wasi.Bindings")]
internal static partial class BlobsWorld;
