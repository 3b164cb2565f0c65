using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>
/// Validates a component with Wasmtime. Meant for a skeleton (a component whose core modules are stubs), since the native call also
/// compiles every core module that is in it.
/// </summary>
/// <remarks>
/// Every feature is on that the C API can switch on: async with all of its built-ins and stackful lifts, maps, implements, accessors,
/// GC. Two cannot be, and are refused: fixed-length lists, and threads (<c>thread.new-indirect</c> and the like).
/// </remarks>
public static unsafe class ComponentValidator
{
    private static readonly Lazy<EngineHandle> Engine = new(CreateEngine);

    /// <summary>Checks a component in its binary form.</summary>
    /// <exception cref="InvalidModuleException">It is not valid; the message is the validator's, with the offset.</exception>
    public static void Validate(ReadOnlySpan<byte> skeletonComponent)
    {
        StackGuard.Ensure(StackGuard.CompilerBytes);
        var engine = Engine.Value;
        nint error, component;
        fixed (byte* bytes = skeletonComponent)
            error = Native.wasmtime_component_new(engine, bytes, (nuint)skeletonComponent.Length, &component);
        if (error != 0)
            throw new InvalidModuleException(NativeFailure.TakeMessage(error));
        Native.wasmtime_component_delete(component);
    }

    // Never disposed: it lives as long as the process. Non-pooling, since nothing is ever instantiated with it.
    private static EngineHandle CreateEngine()
    {
        var config = Native.wasm_config_new();
        Native.wasmtime_config_wasm_component_model_set(config, 1);
        Native.wasmtime_config_wasm_component_model_async_set(config, 1);
        Native.wasmtime_config_wasm_component_model_more_async_builtins_set(config, 1);
        Native.wasmtime_config_wasm_component_model_async_stackful_set(config, 1);
        Native.wasmtime_config_wasm_component_model_map_set(config, 1);
        Native.wasmtime_config_wasm_component_model_canonical_names_set(config, 1);
        Native.wasmtime_config_wasm_component_model_implements_set(config, 1);
        Native.wasmtime_config_wasm_component_model_accessors_set(config, 1);
        Native.wasmtime_config_wasm_reference_types_set(config, 1);
        Native.wasmtime_config_wasm_function_references_set(config, 1);
        Native.wasmtime_config_wasm_gc_set(config, 1);
        Native.wasmtime_config_wasm_exceptions_set(config, 1);
        Native.wasmtime_config_wasm_multi_memory_set(config, 1);
        Native.wasmtime_config_wasm_memory64_set(config, 1);
        Native.wasmtime_config_wasm_tail_call_set(config, 1);

        // The code that comes with the answer is thrown away.
        Native.wasmtime_config_cranelift_opt_level_set(config, 0);
        return SignalHandlers.Guard(() => new EngineHandle(Native.wasm_engine_new_with_config(config)));
    }
}
