namespace Windhover.Engine.Tests;

public sealed class BasicsTests
{
    private const string Adder = """
        (module
          (import "host" "add" (func $add (param i32 i32) (result i32)))
          (memory (export "memory") 1 4)
          (func (export "run") (param i32) (result i32) (call $add (local.get 0) (i32.const 2)))
          (func (export "boom") (unreachable)))
        """;

    private sealed class Add() : HostFunction(new([ValueKind.I32, ValueKind.I32], [ValueKind.I32]))
    {
        protected internal override void Invoke(Store store, Span<RawValue> values) => values[0].I32 += values[1].I32;
    }

    [Fact]
    public void Linker_prepares_and_instances_run()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 10 });
        using var module = Module.Compile(engine, WatCompiler.Compile(Adder));
        using var linker = new Linker(engine);
        linker.Define("host", "add", new Add());
        using var pre = linker.Prepare(module);
        using var store = new Store(engine);
        var instance = pre.Instantiate(store);
        Span<RawValue> values = [40];
        instance.GetFunction(store, "run").Call(store, values);
        Assert.Equal(42, values[0].I32);
        Assert.Equal(65536u, instance.GetMemory(store, "memory").Size(store));
        Assert.Equal(new FunctionType([ValueKind.I32, ValueKind.I32], [ValueKind.I32]), module.Imports[0].Type);
        Assert.Equal(["memory", "run", "boom"], module.Exports.Select(e => e.Name));
    }

    [Fact]
    public void Store_instantiates_with_imports_in_order()
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false });
        using var module = Module.Compile(engine, WatCompiler.Compile(Adder));
        using var store = new Store(engine);
        var instance = store.Instantiate(module, [store.CreateFunction(new Add())]);
        var trap = Assert.Throws<TrapException>(() => instance.GetFunction(store, "boom").Call(store, []));
        Assert.Equal(TrapKind.Unreachable, trap.Kind);
        Assert.Single(trap.Frames);
    }

    [Fact]
    public void Components_are_validated()
    {
        ComponentValidator.Validate(WatCompiler.Compile("(component)"));
        Assert.Throws<InvalidModuleException>(() => ComponentValidator.Validate([0, 1, 2]));
    }
}
