using System.Runtime.Intrinsics;

namespace Windhover.Engine.Tests.Linking;

public sealed class LinkerTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    [Fact]
    public void Missing_and_wrong_imports_are_named()
    {
        using var linker = new Linker(fixture.Engine);
        linker.Define("a", "b", Host.Action(_ => { }));
        using var missing = Wat.Module(fixture.Engine, """(module (import "a" "c" (func)))""");
        using var wrong = Wat.Module(fixture.Engine, """(module (import "a" "b" (func (param i32))))""");
        using var store = new Store(fixture.Engine);

        Assert.Contains("a::c", Assert.Throws<ModuleLinkException>(() => linker.Prepare(missing)).Message, StringComparison.Ordinal);
        Assert.Contains("a::b", Assert.Throws<ModuleLinkException>(() => linker.Prepare(wrong)).Message, StringComparison.Ordinal);
        Assert.Throws<ModuleLinkException>(() => linker.Instantiate(store, missing));
        Assert.Throws<ModuleLinkException>(() => store.Instantiate(missing, []));
        Assert.Throws<ModuleLinkException>(() => store.Instantiate(wrong, [store.CreateFunction(Host.Action(_ => { }))]));
        Assert.Throws<ArgumentException>(() => linker.Define("a", "b", Host.Action(_ => { })));
    }

    [Fact]
    public void A_limit_in_an_import_type_is_a_matter_of_linking()
    {
        using var store = new Store(fixture.Engine);
        Assert.True(Wat.Instantiate(store, """(module (memory (export "m") 1 2))""").TryGetExport(store, "m", out var memory));
        using var module = Wat.Module(fixture.Engine, """(module (import "" "m" (memory 2 2)))""");
        Assert.Throws<ModuleLinkException>(() => store.Instantiate(module, [memory]));
    }

    [Fact]
    public void One_host_function_serves_many_stores_by_their_state()
    {
        using var linker = new Linker(fixture.Engine);
        linker.Define("h", "state", new Host(new([], [ValueKind.I32]), (store, values) => values[0].I32 = (int)store.State!));
        using var module = Wat.Module(fixture.Engine, """(module (import "h" "state" (func $s (result i32))) (func (export "f") (result i32) (call $s)))""");
        using var pre = linker.Prepare(module);
        linker.Dispose();
        module.Dispose();
        Parallel.For(0, 2000, i =>
        {
            using var store = new Store(fixture.Engine) { State = i };
            Span<RawValue> values = stackalloc RawValue[1];
            pre.Instantiate(store).GetFunction(store, "f").Call(store, values);
            Assert.Equal(i, values[0].I32);
        });
    }

    [Fact]
    public void What_is_defined_can_be_handed_over_by_name()
    {
        using var linker = new Linker(fixture.Engine);
        var calls = "";
        linker.Define("h", "a", Host.Action(_ => calls += "a"));
        linker.Define("h", "b", Host.Action(_ => calls += "b"));
        using var module = Wat.Module(fixture.Engine, """(module (import "" "x" (func $x)) (import "" "y" (func $y)) (func (export "f") (call $x) (call $y)))""");
        for (var i = 0; i < 2; i++)
        {
            using var store = new Store(fixture.Engine);
            var imports = new Extern[2];
            linker.GetAll(store, "h"u8, ["b"u8.ToArray(), "a"u8.ToArray()], imports);
            store.Instantiate(module, imports).GetFunction(store, "f").Call(store, []);
        }

        Assert.Equal("baba", calls);
        using var another = new Store(fixture.Engine);
        Assert.Contains("'h' 'c'", Assert.Throws<ArgumentException>(() => linker.GetAll(another, "h"u8, ["c"u8.ToArray()], new Extern[1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => linker.GetAll(another, default, [[]], new Extern[1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => linker.GetAll(another, "h"u8, ["a"u8.ToArray()], []));
        linker.Dispose();
        Assert.Throws<ObjectDisposedException>(() => linker.GetAll(another, "h"u8, ["a"u8.ToArray()], new Extern[1]));
    }

    [Fact]
    public void Values_of_every_kind_pass_both_ways()
    {
        FunctionType type = new(
            [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64, ValueKind.V128],
            [ValueKind.V128, ValueKind.F64, ValueKind.F32, ValueKind.I64, ValueKind.I32]);
        var vector = Vector128.Create((byte)1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
        var host = new Host(type, (_, values) =>
        {
            Assert.Equal(5, values.Length);
            Assert.Equal(int.MinValue, values[0].I32);
            Assert.Equal(long.MaxValue, values[1].I64);
            Assert.Equal(1.5f, values[2].F32);
            Assert.Equal(double.Epsilon, values[3].F64);
            Assert.Equal(vector, values[4].V128);
            (values[0], values[1], values[2], values[3], values[4]) = (values[4], values[3], values[2], values[1], values[0]);
        });
        using var module = Wat.Module(fixture.Engine, """
            (module
              (type $t (func (param i32 i64 f32 f64 v128) (result v128 f64 f32 i64 i32)))
              (import "" "h" (func $h (type $t)))
              (func (export "f") (type $t) (call $h (local.get 0) (local.get 1) (local.get 2) (local.get 3) (local.get 4))))
            """);
        using var store = new Store(fixture.Engine);
        var function = store.Instantiate(module, [store.CreateFunction(host)]).GetFunction(store, "f");
        Assert.Equal(type, function.GetType(store));
        RawValue[] slots = [int.MinValue, long.MaxValue, 1.5f, double.Epsilon, new RawValue { V128 = vector }];

        function.Call(store, slots);

        Assert.Equal(vector, slots[0].V128);
        Assert.Equal(double.Epsilon, slots[1].F64);
        Assert.Equal(1.5f, slots[2].F32);
        Assert.Equal(long.MaxValue, slots[3].I64);
        Assert.Equal(int.MinValue, slots[4].I32);
    }

    [Fact]
    public void A_host_function_sees_slots_for_arguments_and_results()
    {
        using var store = new Store(fixture.Engine);
        var type = new FunctionType([ValueKind.I32], [.. Enumerable.Repeat(ValueKind.I64, 40)]);
        var function = store.CreateFunction(new Host(type, (_, values) =>
        {
            Assert.Equal(40, values.Length);
            var first = values[0].I32;
            for (var i = 0; i < 40; i++)
                values[i].I64 = first + i;
        }));
        var slots = new RawValue[type.SlotCount];
        slots[0].I32 = 7;
        function.Call(store, slots);
        Assert.Equal(Enumerable.Range(7, 40).Select(i => (long)i), slots.Select(s => s.I64));
    }

    [Fact]
    public void Types_that_cannot_be_built_are_refused()
    {
        using var linker = new Linker(fixture.Engine);
        Assert.Throws<ArgumentException>(() => linker.Define("a", "b", new Host(new([ValueKind.OtherRef], []), (_, _) => { })));
    }

    [Fact]
    public void Calls_allocate_nothing()
    {
        using var store = new Store(fixture.Engine);
        using var module = Wat.Module(fixture.Engine, """
            (module (import "" "h" (func $h (param i32) (result i32))) (func (export "f") (param i32) (result i32) (call $h (local.get 0))))
            """);
        var host = new Host(new([ValueKind.I32], [ValueKind.I32]), (_, values) => values[0].I32++);
        var function = store.Instantiate(module, [store.CreateFunction(host)]).GetFunction(store, "f");
        Span<RawValue> slots = stackalloc RawValue[1];
        function.Call(store, slots);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            function.Call(store, slots);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1001, slots[0].I32);
    }
}
