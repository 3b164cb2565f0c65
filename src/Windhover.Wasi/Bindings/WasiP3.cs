namespace Windhover.Wasi.Bindings;

/// <summary>The generated bindings of WASI 0.3: one namespace per interface, such as <c>Windhover.Wasi.Bindings.P3.Wasi.Cli.Stdout</c>.</summary>
[WitWorld("windhover:wasi/guest@0.3.0", RootNamespace = "Windhover.Wasi.Bindings.P3")]
public static partial class WasiP3;
