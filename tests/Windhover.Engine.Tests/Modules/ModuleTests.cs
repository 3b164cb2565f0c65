using CsCheck;

namespace Windhover.Engine.Tests.Modules;

public sealed class ModuleTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    [Fact]
    public void Types_of_every_kind_are_read()
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false, GarbageCollection = true, Threads = true });
        using var module = Wat.Module(engine, """
            (module
              (type $s (struct))
              (import "a" "f" (func (param i32 i64 f32 f64 v128 funcref externref) (result anyref exnref)))
              (import "a" "g" (func (param (ref $s) (ref null $s) (ref func) (ref null none))))
              (import "a" "m" (memory i64 1 2))
              (import "a" "s" (memory 1 2 shared))
              (import "b" "t" (table i64 1 0x100000000000 externref))
              (import "b" "gl" (global (mut f64)))
              (import "b" "e" (tag (param i32 i64)))
              (global (export "out") v128 (v128.const i64x2 1 2)))
            """);
        Assert.Equal(
            [
                new("a", "f", new FunctionType(
                    [ValueKind.I32, ValueKind.I64, ValueKind.F32, ValueKind.F64, ValueKind.V128, ValueKind.FuncRef, ValueKind.ExternRef],
                    [ValueKind.AnyRef, ValueKind.ExnRef])),
                new("a", "g", new FunctionType([.. Enumerable.Repeat(ValueKind.OtherRef, 4)], [])),
                new("a", "m", new MemoryType(1, 2, Is64: true)),
                new("a", "s", new MemoryType(1, 2, IsShared: true)),
                new("b", "t", new TableType(ValueKind.ExternRef)),
                new("b", "gl", new GlobalType(ValueKind.F64, IsMutable: true)),
                new("b", "e", new TagType(new FunctionType([ValueKind.I32, ValueKind.I64], []))),
            ],
            module.Imports);
        Assert.Equal([new("out", new GlobalType(ValueKind.V128, IsMutable: false))], module.Exports);
    }

    [Fact]
    public void What_is_no_module_is_refused_with_the_place()
    {
        Assert.Throws<InvalidModuleException>(() => Module.Compile(fixture.Engine, []));
        Assert.Throws<InvalidModuleException>(() => Module.Compile(fixture.Engine, "no wasm at all"u8));
        var type = Assert.Throws<InvalidModuleException>(() => Wat.Module(fixture.Engine, "(module (func (result i32)))"));
        Assert.Contains("offset", type.Message, StringComparison.Ordinal);
        Assert.Throws<InvalidModuleException>(() => Wat.Module(fixture.Engine, "(component)"));
        Assert.Throws<InvalidModuleException>(() => WatCompiler.Compile("(module (func"));
    }

    [Fact]
    public void What_does_not_fit_the_pool_is_refused_with_the_option()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 2, MaxMemoryBytes = 65536, MaxTableElements = 10, MaxTablesPerModule = 1 });
        foreach (var text in new[]
        {
            "(module (memory 2))", "(module (memory 1) (memory 1))", "(module (table 11 funcref))", "(module (table 1 funcref) (table 1 funcref))",
        })
            Assert.Contains("pooling allocator", Assert.Throws<InvalidModuleException>(() => Wat.Module(engine, text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_modules_never_do_more_than_throw()
    {
        var wasm = WatCompiler.Compile("""
            (module (import "a" "b" (func $b (param i32))) (memory (export "m") 1) (table 2 funcref) (elem (i32.const 0) $f) (data (i32.const 1) "abc")
              (func $f (export "f") (param i32) (result i32) (call $b (local.get 0)) (i32.load (local.get 0))))
            """);
        Gen.Select(Gen.Int[8, wasm.Length - 1], Gen.Byte, Gen.Int[0, wasm.Length]).Sample(
            (at, value, length) =>
            {
                var damaged = wasm.ToArray();
                damaged[at] = value;
                try
                {
                    using var module = Module.Compile(fixture.Engine, damaged.AsSpan(0, length < 8 ? wasm.Length : length));
                    Assert.True(module.Imports.Count + module.Exports.Count >= 0);
                }
                catch (InvalidModuleException)
                {
                    // As it should.
                }
            },
            iter: 500,
            threads: 1);
    }
}
