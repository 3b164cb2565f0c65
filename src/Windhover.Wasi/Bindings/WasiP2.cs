namespace Windhover.Wasi.Bindings;

/// <summary>The generated bindings of WASI 0.2: one namespace per interface, such as <c>Windhover.Wasi.Bindings.Wasi.Io.Streams</c>.</summary>
[WitWorld("windhover:wasi/guest@0.2.12")]
public static partial class WasiP2;
