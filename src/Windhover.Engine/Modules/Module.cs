using System.Text;
using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>A compiled module: immutable, safe for use from any thread, good for any number of instances.</summary>
public sealed unsafe class Module : IDisposable
{
    private readonly Lazy<IReadOnlyList<ModuleImport>> _imports;
    private readonly Lazy<IReadOnlyList<ModuleExport>> _exports;

    internal Module(WasmEngine engine, CompiledModuleHandle handle, GuardedCode? guarded)
    {
        Engine = engine;
        Handle = handle;
        Guarded = guarded;
        _imports = new(ReadImports);
        _exports = new(ReadExports);
    }

    /// <summary>The engine it was compiled for.</summary>
    public WasmEngine Engine { get; }

    /// <summary>What it needs, in the order in which <see cref="Store.Instantiate"/> wants it.</summary>
    public IReadOnlyList<ModuleImport> Imports => _imports.Value;

    /// <summary>What it offers, in the order of its export section.</summary>
    public IReadOnlyList<ModuleExport> Exports => _exports.Value;

    internal CompiledModuleHandle Handle { get; }

    /// <summary>What is known of a module that was rewritten; null when the code is the user's.</summary>
    internal GuardedCode? Guarded { get; private set; }

    /// <summary>Before it is handed out: what each of its instances gets into its memory.</summary>
    internal void Attach(ModuleData data)
    {
        if (Guarded is not { HasData: true })
            throw new InvalidOperationException("A module was compiled with its data.");
        Guarded = Guarded with { Data = data };
    }

    /// <summary>Validates and compiles a binary: about 1 s per MB. See <see cref="CompileCache"/> to do it once.</summary>
    /// <exception cref="InvalidModuleException">The bytes are not a module that the engine accepts.</exception>
    public static Module Compile(WasmEngine engine, ReadOnlySpan<byte> wasm) => Compile(engine, wasm, hasData: false);

    /// <param name="engine">The engine to compile for.</param>
    /// <param name="wasm">The binary.</param>
    /// <param name="hasData">Whether its data were taken out, and <see cref="Attach"/> follows.</param>
    internal static Module Compile(WasmEngine engine, ReadOnlySpan<byte> wasm, bool hasData)
    {
        StackGuard.Ensure(StackGuard.CompilerBytes);
        if (engine.Options.Stopping != Interruption.GuardPage)
            return Compile(engine, wasm, null);
        Validate(engine, wasm);
        try
        {
            var layout = ModuleLayout.Read(wasm);
            if (engine.Options.Pooling && layout.DefinedMemories > engine.Options.MaxMemoriesPerModule)
            {
                throw new InvalidModuleException(
                    $"The module defines {layout.DefinedMemories} memories, and the pooling allocator has EngineOptions.MaxMemoriesPerModule = "
                    + $"{engine.Options.MaxMemoriesPerModule}.");
            }
            if (layout.Scan.Checks == 0 && !hasData)
                return Compile(engine, wasm, null);
            var (rewritten, code) = GuardRewriter.Rewrite(wasm, layout, hasData);
            return Compile(engine, rewritten, code);
        }
        catch (Exception exception) when (exception is RewriteException or OverflowException)
        {
            throw new InvalidModuleException(
                $"The module is valid, but cannot be made interruptible by guard pages: {exception.Message}. Use EngineOptions.Interruption = Epoch.", exception);
        }
    }

    /// <summary>Releases the module. Instances and what was prepared from it stay valid.</summary>
    public void Dispose() => Handle.Dispose();

    private static Module Compile(WasmEngine engine, ReadOnlySpan<byte> wasm, GuardedCode? guarded)
    {
        nint error, module;
        fixed (byte* bytes = wasm)
            error = Native.wasmtime_module_new(engine.Handle, bytes, (nuint)wasm.Length, &module);
        if (error != 0)
            throw new InvalidModuleException(NativeFailure.TakeMessage(error));
        return new Module(engine, new CompiledModuleHandle(module), guarded);
    }

    private static void Validate(WasmEngine engine, ReadOnlySpan<byte> wasm)
    {
        nint error;
        fixed (byte* bytes = wasm)
            error = Native.wasmtime_module_validate(engine.Validator, bytes, (nuint)wasm.Length);
        if (error != 0)
            throw new InvalidModuleException(NativeFailure.TakeMessage(error));
    }

    private ModuleImport[] ReadImports()
    {
        NativePointers types;
        Native.wasmtime_module_imports(Handle, &types);
        var result = new ModuleImport[checked((int)types.Size)];
        for (var i = 0; i < result.Length; i++)
        {
            var type = types.Data[i];
            result[i] = new ModuleImport(
                Encoding.UTF8.GetString(Native.wasm_importtype_module(type)->Span),
                Encoding.UTF8.GetString(Native.wasm_importtype_name(type)->Span),
                TypeReader.ReadItem(Native.wasm_importtype_type(type)));
        }
        Native.wasm_importtype_vec_delete(&types);
        return result;
    }

    private ModuleExport[] ReadExports()
    {
        NativePointers types;
        Native.wasmtime_module_exports(Handle, &types);
        // Those that the rewriter added come last.
        var result = new ModuleExport[checked((int)types.Size - (Guarded?.Added ?? 0))];
        for (var i = 0; i < result.Length; i++)
        {
            var type = types.Data[i];
            result[i] = new ModuleExport(
                Encoding.UTF8.GetString(Native.wasm_exporttype_name(type)->Span),
                TypeReader.ReadItem(Native.wasm_exporttype_type(type)));
        }
        Native.wasm_exporttype_vec_delete(&types);
        return result;
    }
}
