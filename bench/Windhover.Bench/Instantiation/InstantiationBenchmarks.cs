using BenchmarkDotNet.Attributes;
using Windhover.Components.Abi;
using Windhover.Components.Linking;
using Windhover.Components.Types;
using Windhover.Engine;

namespace Windhover.Bench.Instantiation;

/// <summary>A fresh instance of <see cref="WideComponent"/> for one call: store, instance, call with one host call, drop.</summary>
[MemoryDiagnoser]
public class InstantiationBenchmarks
{
    private WasmEngine _engine = null!;
    private Module _main = null!;
    private Windhover.Engine.Linker _linker = null!;
    private InstancePre _bare = null!;
    private Component _component = null!;
    private PreparedComponent _elided = null!, _faithful = null!;
    private ExportedFunction _runElided = null!, _runFaithful = null!;

    [GlobalSetup]
    public void Setup()
    {
        _engine = new WasmEngine();
        _main = Module.Compile(_engine, WatCompiler.Compile(WideComponent.Main));
        _linker = new Windhover.Engine.Linker(_engine);
        foreach ((int i, int j) in All())
        {
            (int parameters, int results) = WideComponent.Flat(j);
            var type = new FunctionType([.. Enumerable.Repeat(ValueKind.I32, parameters)], [.. Enumerable.Repeat(ValueKind.I32, results)]);
            _linker.Define(WideComponent.InterfaceName(i), WideComponent.FunctionName(j), new Seven(type));
        }

        _bare = _linker.Prepare(_main);
        _component = Component.Load(_engine, WatCompiler.Compile(WideComponent.Text()));
        _elided = Prepare(elide: true, cores: 1);
        _faithful = Prepare(elide: false, cores: 3);
        _runElided = _elided.FindFunction(null, "run")!;
        _runFaithful = _faithful.FindFunction(null, "run")!;
    }

    [Benchmark(Baseline = true, Description = "engine alone, one core module")]
    public void Bare()
    {
        using var store = new Store(_engine);
        Instance instance = _bare.Instantiate(store);
        if (!instance.TryGetExport(store, "run"u8, out Extern run))
            throw new InvalidOperationException("No export `run`.");
        Span<RawValue> values = stackalloc RawValue[1];
        values[0] = 1u;
        run.AsFunction().Call(store, values);
        Check(values[0].U32);
    }

    [Benchmark(Description = "component, shims elided")]
    public void Elided() => Check(Call(_elided, _runElided));

    [Benchmark(Description = "component as written: shim, main, fixup")]
    public void Faithful() => Check(Call(_faithful, _runFaithful));

    [GlobalCleanup]
    public void Cleanup()
    {
        _elided.Dispose();
        _faithful.Dispose();
        _component.Dispose();
        _bare.Dispose();
        _linker.Dispose();
        _main.Dispose();
        _engine.Dispose();
    }

    private uint Call(PreparedComponent prepared, ExportedFunction run)
    {
        using var store = new Store(_engine);
        using ComponentInstance instance = prepared.Instantiate(store);
        scoped var call = new ExportCall(instance, run);
        Span<RawValue> values = stackalloc RawValue[1];
        values[0] = 1u;
        call.Invoke(values);
        uint result = values[0].U32;
        call.Complete();
        return result;
    }

    private PreparedComponent Prepare(bool elide, int cores)
    {
        var linker = new ComponentLinker(_engine) { ElideShims = elide };
        var number = new FuncType([new Field("a", PrimitiveType.U32)], PrimitiveType.U32);
        foreach ((int i, int j) in All())
        {
            HostInterface host = linker.Interface(WideComponent.InterfaceName(i));
            if (j == 0)
                host.Define(WideComponent.FunctionName(j), () => number, static (ref call) => call.Values[0] = 7u);
            else
                host.DefineDynamic(WideComponent.FunctionName(j), static (_, _) => throw new InvalidOperationException("Not called here."));
        }

        PreparedComponent prepared = linker.Prepare(_component);
        return prepared.CoreInstanceCount == cores
            ? prepared
            : throw new InvalidOperationException($"{prepared.CoreInstanceCount} core instances instead of {cores}.");
    }

    private static IEnumerable<(int Interface, int Function)> All() =>
        from i in Enumerable.Range(0, WideComponent.Interfaces) from j in Enumerable.Range(0, WideComponent.Functions) select (i, j);

    private static void Check(uint result)
    {
        if (result != 7)
            throw new InvalidOperationException($"The guest answered {result}.");
    }

    private sealed class Seven(FunctionType type) : HostFunction(type)
    {
        protected override void Invoke(Store store, Span<RawValue> values) => values[0] = 7u;
    }
}
