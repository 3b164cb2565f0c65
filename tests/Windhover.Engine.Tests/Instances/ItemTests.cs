namespace Windhover.Engine.Tests.Instances;

public sealed class ItemTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    [Fact]
    public void Memory_parts_are_checked_without_overflow()
    {
        using var store = new Store(fixture.Engine);
        var memory = Wat.Instantiate(store, """(module (memory (export "m") 2 5))""").GetMemory(store, "m");
        Assert.Equal(131072, memory.GetSpan(store).Length);
        Assert.Equal(0, memory.GetSpan(store, 131072, 0).Length);
        Assert.Equal(1, memory.GetSpan(store, 131071, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan(store, 131072, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan(store, ulong.MaxValue, 1).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => memory.GetSpan(store, 0, -1).Length);
        memory.GetSpan(store)[131071] = 42;
        Assert.Equal(2, memory.Grow(store, 3));
        Assert.Equal(-1, memory.Grow(store, 1));
        Assert.Equal(42, memory.GetSpan(store, 131071, 1)[0]);
        Assert.Equal(new MemoryType(2, 5), memory.GetType(store));
    }

    [Fact]
    public void Tables_hold_functions()
    {
        using var store = new Store(fixture.Engine);
        var instance = Wat.Instantiate(store, """
            (module
              (table (export "t") 2 10 funcref)
              (table (export "x") 2 externref)
              (func (export "call") (param i32) (result i32) (call_indirect (result i32) (local.get 0))))
            """);
        Assert.True(instance.TryGetExport(store, "t", out var item));
        var table = item.AsTable();
        var seven = store.CreateFunction(new Host(new([], [ValueKind.I32]), (_, values) => values[0].I32 = 7));

        table.SetFunction(store, 1, seven);
        Assert.Equal(2, table.Grow(store, 3, seven));

        Span<RawValue> slots = [1];
        instance.GetFunction(store, "call").Call(store, slots);
        Assert.Equal(7, slots[0].I32);
        slots[0].I32 = 4;
        instance.GetFunction(store, "call").Call(store, slots);
        Assert.Equal(7, slots[0].I32);
        Assert.Null(table.GetFunction(store, 0));
        Assert.NotNull(table.GetFunction(store, 1));
        table.SetFunction(store, 1, null);
        Assert.Null(table.GetFunction(store, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.GetFunction(store, 5));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.SetFunction(store, 5, null));
        Assert.Equal(new TableType(ValueKind.FuncRef), table.GetType(store));

        Assert.True(instance.TryGetExport(store, "x", out var external));
        Assert.Throws<InvalidOperationException>(() => external.AsTable().GetFunction(store, 0));
        Assert.Throws<InvalidOperationException>(() => external.AsTable().SetFunction(store, 0, seven));
        Assert.Throws<InvalidOperationException>(() => external.AsMemory());
        Assert.Throws<ModuleLinkException>(() => instance.GetFunction(store, "t"));
        Assert.Throws<ModuleLinkException>(() => instance.GetFunction(store, "nothing"));
    }

    [Fact]
    public void A_shared_memory_is_told_of_and_no_more()
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false, Threads = true });
        using var store = new Store(engine);
        var instance = Wat.Instantiate(store, """(module (memory (export "m") 1 2 shared))""");
        Assert.True(instance.TryGetExport(store, "m", out var item));
        Assert.Equal(ExternKind.SharedMemory, item.Kind);
        Assert.Throws<InvalidOperationException>(() => item.AsMemory());
        using var module = Wat.Module(engine, """(module (import "" "m" (memory 1 2 shared)))""");
        Assert.Throws<InvalidOperationException>(() => store.Instantiate(module, [item]));
    }

    [Theory]
    [InlineData("i32", ValueKind.I32)]
    [InlineData("i64", ValueKind.I64)]
    [InlineData("f32", ValueKind.F32)]
    [InlineData("f64", ValueKind.F64)]
    public void Globals_are_read_and_written(string type, ValueKind kind)
    {
        using var store = new Store(fixture.Engine);
        var instance = Wat.Instantiate(store, $"""
            (module (global (export "g") (mut {type}) ({type}.const 5)) (global (export "c") {type} ({type}.const 6)) (global (export "r") (mut funcref) (ref.null func)))
            """);
        Assert.True(instance.TryGetExport(store, "g", out var mutable));
        Assert.True(instance.TryGetExport(store, "c", out var constant));
        Assert.True(instance.TryGetExport(store, "r", out var reference));
        Assert.Equal(new GlobalType(kind, IsMutable: true), mutable.AsGlobal().GetType(store));
        Assert.NotEqual(0, mutable.AsGlobal().Get(store).I64);
        mutable.AsGlobal().Set(store, constant.AsGlobal().Get(store));
        Assert.Equal(constant.AsGlobal().Get(store).I64, mutable.AsGlobal().Get(store).I64);
        Assert.Throws<InvalidOperationException>(() => constant.AsGlobal().Set(store, 1));
        Assert.Throws<InvalidOperationException>(() => reference.AsGlobal().Get(store));
        Assert.Throws<InvalidOperationException>(() => reference.AsGlobal().Set(store, 1));
    }
}
