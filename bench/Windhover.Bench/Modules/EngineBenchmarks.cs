using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Windhover.Engine;

namespace Windhover.Bench.Modules;

/// <summary>The engine's own steps, each beside the least that could stand for it.</summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class EngineBenchmarks
{
    private const int Calls = 10_000;

    private const string Text = """
        (module
          (import "host" "next" (func $next (param i32) (result i32)))
          (func $own (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (table funcref (elem $own))
          (memory (export "memory") 1)
          (func (export "add") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
          (func (export "host-loop") (param $n i32) (result i32) (local $v i32)
            (loop $again
              (local.set $v (call $next (local.get $v)))
              (br_if $again (i32.lt_s (local.get $v) (local.get $n))))
            (local.get $v))
          (func (export "own-loop") (param $n i32) (result i32) (local $v i32)
            (loop $again
              (local.set $v (call_indirect (param i32) (result i32) (local.get $v) (i32.const 0)))
              (br_if $again (i32.lt_s (local.get $v) (local.get $n))))
            (local.get $v)))
        """;

    private readonly string _cacheFolder = Path.Combine(Path.GetTempPath(), $"windhover-bench-{Guid.NewGuid():N}");
    private readonly byte[] _program = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "cpp-cli.wasm"));
    private WasmEngine _engine = null!;
    private Module _module = null!;
    private Linker _linker = null!;
    private InstancePre _pre = null!;
    private Store _store = null!;
    private Function _add, _hostLoop, _ownLoop;
    private CompileCache _cache = null!;

    [GlobalSetup]
    public void Setup()
    {
        _engine = new WasmEngine();
        _module = Module.Compile(_engine, WatCompiler.Compile(Text));
        _linker = new Linker(_engine);
        _linker.Define("host", "next", new Next());
        _pre = _linker.Prepare(_module);
        _store = new Store(_engine);
        Instance instance = _pre.Instantiate(_store);
        _add = instance.GetFunction(_store, "add");
        _hostLoop = instance.GetFunction(_store, "host-loop");
        _ownLoop = instance.GetFunction(_store, "own-loop");
        _cache = new CompileCache(_cacheFolder);
        _cache.GetOrCompile(_engine, _program).Dispose();
    }

    [Benchmark(Baseline = true, Description = "empty store, dropped"), BenchmarkCategory("instance")]
    public void EmptyStore() => new Store(_engine).Dispose();

    [Benchmark(Description = "store, pre-instantiated module, call, drop"), BenchmarkCategory("instance")]
    public void FreshInstance()
    {
        using var store = new Store(_engine);
        Instance instance = _pre.Instantiate(store);
        if (!instance.TryGetExport(store, "add"u8, out Extern add))
            throw new InvalidOperationException("No export `add`.");
        Run(store, add.AsFunction(), 1, 2);
    }

    [Benchmark(Baseline = true, Description = "wasm → wasm, through a table", OperationsPerInvoke = Calls), BenchmarkCategory("call out")]
    public void OwnCalls() => Run(_store, _ownLoop, Calls, Calls);

    [Benchmark(Description = "wasm → C#", OperationsPerInvoke = Calls), BenchmarkCategory("call out")]
    public void HostCalls() => Run(_store, _hostLoop, Calls, Calls);

    [Benchmark(Description = "C# → wasm", OperationsPerInvoke = Calls), BenchmarkCategory("call in")]
    public void GuestCalls()
    {
        for (uint i = 0; i < Calls; i++)
            Run(_store, _add, i, i + 1);
    }

    [Benchmark(Baseline = true, Description = "compile (C++ program of 253 KB)"), BenchmarkCategory("load")]
    public void Compile() => Module.Compile(_engine, _program).Dispose();

    [Benchmark(Description = "from the compile cache"), BenchmarkCategory("load")]
    public void Deserialize()
    {
        _cache.GetOrCompile(_engine, _program, out CacheOutcome outcome).Dispose();
        if (outcome != CacheOutcome.Hit)
            throw new InvalidOperationException($"The cache answered {outcome}.");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _store.Dispose();
        _pre.Dispose();
        _linker.Dispose();
        _module.Dispose();
        _engine.Dispose();
        Directory.Delete(_cacheFolder, recursive: true);
    }

    private static void Run(Store store, Function function, uint argument, uint expected)
    {
        Span<RawValue> values = stackalloc RawValue[1];
        values[0] = argument;
        function.Call(store, values);
        if (values[0].U32 != expected)
            throw new InvalidOperationException($"The guest answered {values[0].U32}, not {expected}.");
    }

    private sealed class Next() : HostFunction(new FunctionType([ValueKind.I32], [ValueKind.I32]))
    {
        protected override void Invoke(Store store, Span<RawValue> values) => values[0] = values[0].U32 + 1;
    }
}
