using System.Runtime.InteropServices;

namespace Windhover.Engine.Interop;

// wasmtime/config.h and wasmtime/engine.h. A config is owned by the caller until wasm_engine_new_with_config takes it.
internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    public static partial nint wasm_config_new();

    [LibraryImport(Library)]
    public static partial void wasm_config_delete(nint config);

    /// <summary>Takes the config. Aborts the process when the config is contradictory: EngineOptions.Validate comes first.</summary>
    [LibraryImport(Library)]
    public static partial nint wasm_engine_new_with_config(nint ownedConfig);

    [LibraryImport(Library)]
    public static partial void wasm_engine_delete(nint engine);

    [LibraryImport(Library)]
    public static partial void wasmtime_engine_increment_epoch(EngineHandle engine);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_epoch_interruption_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_consume_fuel_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_debug_info_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_concurrency_support_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_gc_support_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_threads_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_shared_memory_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_tail_call_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_reference_types_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_function_references_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_gc_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_simd_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_relaxed_simd_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_relaxed_simd_deterministic_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_bulk_memory_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_multi_value_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_multi_memory_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_memory64_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_wide_arithmetic_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_exceptions_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_custom_page_sizes_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_parallel_compilation_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_cranelift_nan_canonicalization_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_memory_init_cow_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_memory_may_move_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_signals_based_traps_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_native_unwind_info_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_async_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_more_async_builtins_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_async_stackful_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_map_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_implements_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_accessors_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_wasm_component_model_canonical_names_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_macos_use_mach_ports_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_cranelift_opt_level_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_strategy_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_profiler_set(nint config, byte value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_max_wasm_stack_set(nint config, nuint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_memory_reservation_set(nint config, ulong value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_memory_guard_size_set(nint config, ulong value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_memory_reservation_for_growth_set(nint config, ulong value);

    [LibraryImport(Library)]
    public static partial void wasmtime_config_async_stack_size_set(nint config, nuint value);

    [LibraryImport(Library)]
    public static partial nint wasmtime_pooling_allocation_config_new();

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_delete(nint pool);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_strategy_set(nint config, nint pool);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_total_core_instances_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_total_component_instances_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_total_memories_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_total_tables_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_total_stacks_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_total_gc_heaps_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_max_memories_per_module_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_max_tables_per_module_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_max_unused_warm_slots_set(nint pool, uint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_max_memory_size_set(nint pool, nuint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_table_elements_set(nint pool, nuint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(nint pool, nuint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_table_keep_resident_set(nint pool, nuint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_decommit_batch_size_set(nint pool, nuint value);

    [LibraryImport(Library)]
    public static partial void wasmtime_pooling_allocation_config_max_core_instance_size_set(nint pool, nuint value);
}
