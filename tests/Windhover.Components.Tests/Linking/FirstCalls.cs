using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Linking;

public sealed class FirstCalls
{
    private const string Echo = """
        (component
          (import "test:host/log@1.0.0" (instance $log
            (export "twice" (func (param "s" string) (result string)))))
          (core module $libc
            (memory (export "memory") 1)
            (global $next (mut i32) (i32.const 1024))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
              (local $p i32)
              (local.set $p (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
              (global.set $next (i32.add (local.get $p) (local.get 3)))
              (local.get $p)))
          (core instance $libc (instantiate $libc))
          (core func $twice (canon lower (func $log "twice") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
          (core module $main
            (import "libc" "memory" (memory 1))
            (import "host" "twice" (func $twice (param i32 i32 i32)))
            (func (export "echo") (param i32 i32) (result i32)
              (call $twice (local.get 0) (local.get 1) (i32.const 16))
              (i32.const 16))
            (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
          (core instance $main (instantiate $main
            (with "libc" (instance $libc))
            (with "host" (instance (export "twice" (func $twice))))))
          (func (export "echo") (param "s" string) (result string)
            (canon lift (core func $main "echo") (memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))))
          (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $main "add"))))
        """;

    [Fact]
    public void A_string_goes_through_the_guest_and_the_host()
    {
        using var engine = new WasmEngine();
        using var component = Component.Load(engine, WatCompiler.Compile(Echo));
        var linker = new ComponentLinker(engine);
        linker.Interface("test:host/log@1.2.0").DefineDynamic("twice", (_, args) => $"{args[0]}{args[0]}");
        using var prepared = linker.Prepare(component);
        using var store = new Store(engine);
        using var instance = prepared.Instantiate(store);

        Assert.Equal("héhé", instance.Call(prepared.FindFunction(null, "echo")!, "hé"));
        Assert.Equal(7u, instance.Call(prepared.FindFunction(null, "add")!, 3u, 4u));
    }
}
