using Windhover.Engine.Interop;

namespace Windhover.Engine;

/// <summary>Writes <see cref="EngineOptions"/> into a native config and creates the native engine.</summary>
internal static class EngineConfig
{
    private const long WasmPage = 64 * 1024;

    // Wasmtime's defaults on 64-bit machines: with 4 GiB reserved and a guard behind, a 32-bit guest needs no bounds checks.
    private const ulong MemorySlot = 1UL << 32;
    private const ulong MemoryGuard = 32UL << 20;

    private const int MaxKeptOfTables = 64 * 1024;

    // Whoever drops the last of a batch gives back the memories of all of it: with 32, a request beside an attacker's now and then took twice as long.
    private const int DecommitBatch = 16;

    private const int DefaultAsyncStackBytes = 2 * 1024 * 1024;

    public static EngineHandle CreateEngine(EngineOptions options)
    {
        var config = Native.wasm_config_new();
        Apply(options, config);
        if (options.Stopping == Interruption.GuardPage)
        {
            // For the guard, which the user's code cannot have: it is validated by the engine below.
            Native.wasmtime_config_wasm_multi_memory_set(config, 1);
            Native.wasmtime_config_wasm_custom_page_sizes_set(config, 1);
        }
        if (options.Pooling)
            ApplyPool(options, config);
        return SignalHandlers.Guard(() => new EngineHandle(Native.wasm_engine_new_with_config(config)));
    }

    /// <summary>An engine that only validates, by what the user's options allow.</summary>
    public static EngineHandle CreateValidator(EngineOptions options)
    {
        var config = Native.wasm_config_new();
        Apply(options, config);
        return SignalHandlers.Guard(() => new EngineHandle(Native.wasm_engine_new_with_config(config)));
    }

    /// <summary>
    /// Refuses what the native side would not survive: a contradictory config, or a pool that the machine cannot reserve, aborts the process there.
    /// </summary>
    public static void Validate(EngineOptions options)
    {
        Require(options.EpochTick.TotalMilliseconds is >= 1 and <= 1000, nameof(options.EpochTick), "1 ms to 1 s");
        Require(Enum.IsDefined(options.Interruption), nameof(options.Interruption), "one of the values of Interruption");
        Require(
            options.Interruption != Interruption.GuardPage || options.GuardPagesWork,
            nameof(options.Interruption),
            "Epoch or Automatic with EngineOptions.Fuel, and on other systems than Linux");
        Require(options.MaxWasmStackBytes is >= 16 * 1024 and <= 256 * 1024 * 1024, nameof(options.MaxWasmStackBytes), "16 KiB to 256 MiB");
        if (!options.Pooling)
            return;
        Require(options.MaxInstances is >= 1 and <= 1_000_000, nameof(options.MaxInstances), "1 to 1,000,000");
        Require(options.MaxMemoriesPerModule is >= 1 and <= 100, nameof(options.MaxMemoriesPerModule), "1 to 100");
        Require(options.MaxTablesPerModule is >= 1 and <= 100, nameof(options.MaxTablesPerModule), "1 to 100");
        Require(
            options.MaxMemoryBytes is >= WasmPage and <= (long)MemorySlot && options.MaxMemoryBytes % WasmPage == 0,
            nameof(options.MaxMemoryBytes),
            "64 KiB to 4 GiB, in whole pages of 64 KiB");
        Require(options.MaxTableElements is >= 1 and <= 10_000_000, nameof(options.MaxTableElements), "1 to 10,000,000");
        Require(options.KeepResidentBytes is null or >= 0 and <= 1 << 30, nameof(options.KeepResidentBytes), "0 to 1 GiB");
        var possible = MachineLimits.Maps / MachineLimits.MapsPerInstance(options);
        if (options.MaxInstances > possible)
        {
            throw new ResourceLimitException(
                $"EngineOptions.MaxInstances is {options.MaxInstances}, and the kernel's limit of memory maps allows {possible} live instances: "
                + "lower it, or raise vm.max_map_count (sysctl).");
        }
        var bytes = TotalMemories(options) * (MemorySlot + MemoryGuard)
            + (ulong)options.MaxInstances * (ulong)options.MaxTablesPerModule * (ulong)options.MaxTableElements * (ulong)nint.Size;
        if (!MachineLimits.CanReserve(bytes))
        {
            throw new ResourceLimitException(
                $"A pool for {options.MaxInstances} instances reserves {bytes >> 30} GiB of address space, which the machine (or a limit such as ulimit -v) "
                + "does not give: lower EngineOptions.MaxInstances, or dispose of engines that are not needed.");
        }
    }

    private static void Require(bool condition, string option, string range)
    {
        if (!condition)
            throw new ArgumentException($"EngineOptions.{option} must be {range}.");
    }

    // A guest's GC heap (exceptions live there too) takes a memory slot of its own, when it is first used.
    private static ulong TotalMemories(EngineOptions options) =>
        (ulong)options.MaxInstances * (ulong)(options.NativeMemoriesPerModule + (options.NeedsCollector ? 1 : 0));

    private static void Apply(EngineOptions options, nint config)
    {
        var collector = options.NeedsCollector;
        Native.wasmtime_config_epoch_interruption_set(config, Flag(options.Stopping == Interruption.Epoch));
        Native.wasmtime_config_consume_fuel_set(config, Flag(options.Fuel));
        Native.wasmtime_config_max_wasm_stack_set(config, (nuint)options.MaxWasmStackBytes);
        // Unused, but a config where it is smaller than the stack above is refused.
        Native.wasmtime_config_async_stack_size_set(config, (nuint)Math.Max(DefaultAsyncStackBytes, options.MaxWasmStackBytes));
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
        Native.wasmtime_config_wasm_wide_arithmetic_set(config, Flag(options.WideArithmetic));
        Native.wasmtime_config_wasm_threads_set(config, Flag(options.Threads));
        Native.wasmtime_config_shared_memory_set(config, Flag(options.Threads));
        Native.wasmtime_config_memory_init_cow_set(config, 1);
    }

    private static void ApplyPool(EngineOptions options, nint config)
    {
        var instances = (uint)options.MaxInstances;
        var pool = Native.wasmtime_pooling_allocation_config_new();
        Native.wasmtime_pooling_allocation_config_total_core_instances_set(pool, instances);
        Native.wasmtime_pooling_allocation_config_total_memories_set(pool, checked((uint)TotalMemories(options)));
        Native.wasmtime_pooling_allocation_config_total_tables_set(pool, instances * (uint)options.MaxTablesPerModule);
        Native.wasmtime_pooling_allocation_config_total_gc_heaps_set(pool, options.NeedsCollector ? instances : 0);
        Native.wasmtime_pooling_allocation_config_total_stacks_set(pool, 0);
        Native.wasmtime_pooling_allocation_config_total_component_instances_set(pool, 0);
        Native.wasmtime_pooling_allocation_config_max_memories_per_module_set(pool, (uint)options.NativeMemoriesPerModule);
        Native.wasmtime_pooling_allocation_config_max_tables_per_module_set(pool, (uint)options.MaxTablesPerModule);
        Native.wasmtime_pooling_allocation_config_max_memory_size_set(pool, (nuint)options.MaxMemoryBytes);
        Native.wasmtime_pooling_allocation_config_table_elements_set(pool, (nuint)options.MaxTableElements);
        Native.wasmtime_pooling_allocation_config_linear_memory_keep_resident_set(pool, (nuint)options.KeptBytes);
        Native.wasmtime_pooling_allocation_config_table_keep_resident_set(pool, (nuint)Math.Min(MaxKeptOfTables, options.KeptBytes));
        Native.wasmtime_pooling_allocation_config_decommit_batch_size_set(pool, DecommitBatch);
        Native.wasmtime_pooling_allocation_strategy_set(config, pool);
        Native.wasmtime_pooling_allocation_config_delete(pool);
    }

    private static byte Flag(bool value) => value ? (byte)1 : (byte)0;
}
