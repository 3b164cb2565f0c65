using System.Runtime.InteropServices;
using Windhover.Engine;

namespace Windhover.Components.Tests.Oracle;

/// <summary>
/// One native engine with every component feature that the library's validator accepts, for the whole test process. An engine of ours comes
/// first, so that the handlers of SIGSEGV, SIGILL, SIGFPE and SIGBUS have the terms that the runtime needs; whatever the second engine
/// makes of them is put back.
/// </summary>
internal static unsafe partial class OracleEngine
{
    /// <summary>How long a guest may run, in ticks of the epoch.</summary>
    public const ulong DeadlineTicks = 50;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly int[] Signals = [4, 7, 8, 11];
    private static readonly Lazy<nint> Shared = new(Create);
    private static Timer? _ticker;

    public static nint Handle => Shared.Value;

    private static nint Create()
    {
        using var first = new WasmEngine(new EngineOptions { Pooling = false });
        var actions = stackalloc SigAction[Signals.Length];
        for (var i = 0; i < Signals.Length; i++)
            Check(SetAction(Signals[i], null, actions + i));

        var library = NativeLibrary.Load("wasmtime", typeof(OracleEngine).Assembly, null);
        var config = OracleNative.wasm_config_new();
        foreach (var feature in new[]
                 {
                     "component_model", "component_model_async", "component_model_more_async_builtins", "component_model_async_stackful",
                     "component_model_map", "component_model_canonical_names", "component_model_implements", "component_model_accessors",
                     "reference_types", "function_references", "gc", "exceptions", "multi_memory", "memory64", "tail_call",
                 })
            Switch(library, config, $"wasmtime_config_wasm_{feature}_set");
        Switch(library, config, "wasmtime_config_epoch_interruption_set");
        var engine = OracleNative.wasm_engine_new_with_config(config);

        for (var i = 0; i < Signals.Length; i++)
            Check(SetAction(Signals[i], actions + i, null));
        _ticker = new Timer(_ => OracleNative.wasmtime_engine_increment_epoch(engine), null, Tick, Tick);
        return engine;
    }

    private static void Switch(nint library, nint config, string setter) =>
        ((delegate* unmanaged<nint, byte, void>)NativeLibrary.GetExport(library, setter))(config, 1);

    private static void Check(int result) => Assert.Equal(0, result);

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SetAction(int signal, SigAction* action, SigAction* old);

    // struct sigaction of 64-bit Linux: 152 bytes, only kept and given back.
    [StructLayout(LayoutKind.Sequential, Size = 152)]
    private struct SigAction;
}
