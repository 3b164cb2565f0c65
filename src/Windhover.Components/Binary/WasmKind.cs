namespace Windhover.Components.Binary;

/// <summary>What the first bytes of a file say it is.</summary>
public enum WasmKind
{
    /// <summary>Neither a core module nor a component; <see cref="WasmFile.Explain"/> says what it looks like.</summary>
    NotWasm,

    /// <summary>A core WebAssembly module (version 1, layer 0).</summary>
    CoreModule,

    /// <summary>A component (version 13, layer 1).</summary>
    Component,
}

/// <summary>Cheap recognition of WebAssembly files by their eight-byte preamble. Reads nothing past it.</summary>
/// <remarks>Component model, Binary.md, "Component Definitions": magic, then a 16-bit version and a 16-bit layer.</remarks>
public static class WasmFile
{
    /// <summary>The length of the preamble: magic, version, layer.</summary>
    public const int PreambleLength = 8;

    internal static ReadOnlySpan<byte> CorePreamble => [0, (byte)'a', (byte)'s', (byte)'m', 1, 0, 0, 0];

    internal static ReadOnlySpan<byte> ComponentPreamble => [0, (byte)'a', (byte)'s', (byte)'m', 0x0d, 0, 1, 0];

    /// <summary>Tells a core module from a component from anything else.</summary>
    public static WasmKind Detect(ReadOnlySpan<byte> bytes) =>
        bytes.StartsWith(ComponentPreamble) ? WasmKind.Component
        : bytes.StartsWith(CorePreamble) ? WasmKind.CoreModule
        : WasmKind.NotWasm;

    /// <summary>One sentence for a person who handed over the wrong file: what it is, and what to do.</summary>
    public static string Explain(ReadOnlySpan<byte> bytes)
    {
        switch (Detect(bytes))
        {
            case WasmKind.CoreModule:
                return "a core WebAssembly module, not a component: wrap it with `wasm-tools component new` or `jco new`";
            case WasmKind.Component:
                return "a component";
        }

        if (bytes.IsEmpty)
            return "an empty file";
        if (CorePreamble[..4].StartsWith(bytes) || (bytes.StartsWith(CorePreamble[..4]) && bytes.Length < PreambleLength))
            return $"a truncated WebAssembly file: {bytes.Length} of the {PreambleLength} bytes of its preamble";
        if (bytes.StartsWith(CorePreamble[..4]))
        {
            var version = bytes[4] | (bytes[5] << 8);
            var layer = bytes[6] | (bytes[7] << 8);
            return layer switch
            {
                1 => $"a component of version {version}; this release reads version 13: rebuild it with current tools",
                0 => $"a core WebAssembly module of version {version}; only version 1 exists",
                _ => $"a WebAssembly file of unknown layer {layer} (0 is a module, 1 a component)",
            };
        }

        var text = bytes[..Math.Min(bytes.Length, 256)].TrimStart(" \t\r\n"u8);
        if (text.StartsWith("(component"u8) || text.StartsWith("(module"u8) || text.StartsWith(";;"u8) || text.StartsWith("(;"u8))
            return "WebAssembly text (.wat): compile it to a binary first, for instance with `wasm-tools parse`";
        if (text.StartsWith("package "u8) || text.StartsWith("world "u8) || text.StartsWith("interface "u8))
            return "WIT text: it describes interfaces and holds no code";
        return bytes is [0x7f, (byte)'E', (byte)'L', (byte)'F', ..]
            ? "an ELF file (perhaps a compiled Wasmtime artifact), not WebAssembly"
            : $"not a WebAssembly file: it starts with {Convert.ToHexStringLower(bytes[..Math.Min(bytes.Length, 4)])}, not 0061736d";
    }
}
