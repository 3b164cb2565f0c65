using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>Writes <see cref="EngineOptions"/> into a native config and creates the native engine.</summary>
internal static class EngineConfig
{
    public static EngineHandle CreateEngine(EngineOptions options)
    {
        var config = Native.wasm_config_new();
        Apply(options, config);
        return SignalHandlers.Guard(() => new EngineHandle(Native.wasm_engine_new_with_config(config)));
    }

    private static void Apply(EngineOptions options, nint config)
    {
        var collector = options.GarbageCollection || options.Exceptions;
        Native.wasmtime_config_epoch_interruption_set(config, Flag(options.EpochInterruption));
        Native.wasmtime_config_consume_fuel_set(config, Flag(options.Fuel));
        Native.wasmtime_config_max_wasm_stack_set(config, (nuint)options.MaxWasmStackBytes);
        Native.wasmtime_config_parallel_compilation_set(config, Flag(options.ParallelCompilation));
        Native.wasmtime_config_cranelift_nan_canonicalization_set(config, Flag(options.CanonicalizeNaN));
        Native.wasmtime_config_wasm_relaxed_simd_deterministic_set(config, Flag(options.DeterministicRelaxedSimd));

        // Host tasks of the native component model: never used here (see RATIONALE.md), and it adds to every store.
        Native.wasmtime_config_concurrency_support_set(config, 0);
        Native.wasmtime_config_wasm_component_model_set(config, 0);
        Native.wasmtime_config_gc_support_set(config, Flag(collector));
        Native.wasmtime_config_wasm_exceptions_set(config, Flag(options.Exceptions));
        Native.wasmtime_config_wasm_function_references_set(config, Flag(options.GarbageCollection));
        Native.wasmtime_config_wasm_gc_set(config, Flag(options.GarbageCollection));
        Native.wasmtime_config_wasm_memory64_set(config, Flag(options.Memory64));
        Native.wasmtime_config_wasm_multi_memory_set(config, Flag(options.MultiMemory));
        Native.wasmtime_config_wasm_tail_call_set(config, Flag(options.TailCalls));
        Native.wasmtime_config_wasm_threads_set(config, Flag(options.Threads));
        Native.wasmtime_config_shared_memory_set(config, Flag(options.Threads));
        Native.wasmtime_config_memory_init_cow_set(config, 1);
        if (options.Pooling)
            ApplyPool(options, collector, config);
    }

    private static void ApplyPool(EngineOptions options, bool collector, nint config)
    {
        var instances = (uint)options.MaxInstances;
        var pool = Native.wasmtime_pooling_allocation_config_new();
        Native.wasmtime_pooling_allocation_config_total_core_instances_set(pool, instances);
        Native.wasmtime_pooling_allocation_config_total_memories_set(pool, instances * (uint)options.MaxMemoriesPerModule);
        Native.wasmtime_pooling_allocation_config_total_tables_set(pool, instances * (uint)options.MaxTablesPerModule);
        Native.wasmtime_pooling_allocation_config_total_gc_heaps_set(pool, collector ? instances : 0);
        Native.wasmtime_pooling_allocation_config_total_stacks_set(pool, 0);
        Native.wasmtime_pooling_allocation_config_total_component_instances_set(pool, 0);
        Native.wasmtime_pooling_allocation_config_max_memories_per_module_set(pool, (uint)options.MaxMemoriesPerModule);
        Native.wasmtime_pooling_allocation_config_max_tables_per_module_set(pool, (uint)options.MaxTablesPerModule);
        Native.wasmtime_pooling_allocation_config_max_memory_size_set(pool, (nuint)options.MaxMemoryBytes);
        Native.wasmtime_pooling_allocation_config_table_elements_set(pool, (nuint)options.MaxTableElements);
        Native.wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool, (nuint)options.KeepResidentBytes);
        Native.wasmtime_pooling_allocation_config_table_keep_resident_set(pool, (nuint)options.KeepResidentBytes);
        Native.wasmtime_pooling_allocation_config_decommit_batch_size_set(pool, 32);
        Native.wasmtime_pooling_allocation_strategy_set(config, pool);
        Native.wasmtime_pooling_allocation_config_delete(pool);
    }

    private static byte Flag(bool value) => value ? (byte)1 : (byte)0;
}
