using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Async;

/// <summary>What <c>context.get</c> and <c>context.set</c> reach in code that runs for a call without being called by name.</summary>
public sealed class ContextTests
{
    // `f` is a task with 5 in its context. What runs for it answers with what it found in the context, and leaves 666 there. Both allocate, so that no string is empty.
    private const string Text = """
        (component
          (component $callee
            (core func $get (canon context.get i32 0))
            (core func $set (canon context.set i32 0))
            (core module $m
              (import "h" "get" (func $get (result i32))) (import "h" "set" (func $set (param i32)))
              (memory (export "memory") 1)
              (data (i32.const 8) "\40\00\00\00\03\00\00\00")
              (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (if (call $get) (then unreachable)) (call $set (i32.const 666)) (i32.const 128))
              (func (export "say") (param i32 i32) (result i32) (if (call $get) (then unreachable)) (call $set (i32.const 7)) (i32.const 8))
              (func (export "post") (param i32) (if (i32.ne (call $get) (i32.const 7)) (then unreachable)) (call $set (i32.const 666)))
              (func (export "dtor") (param i32) (if (call $get) (then unreachable)) (call $set (i32.const 666))))
            (core instance $i (instantiate $m (with "h" (instance (export "get" (func $get)) (export "set" (func $set))))))
            (type $r' (resource (rep i32) (dtor (core func $i "dtor"))))
            (export $r "r" (type $r'))
            (core func $new (canon resource.new $r'))
            (func (export "make") (param "rep" u32) (result (own $r)) (canon lift (core func $new)))
            (func (export "say") {ASYNC} (param "s" string) (result string) (canon lift
              (core func $i "say") (memory (core memory $i "memory")) (realloc (core func $i "realloc")) (post-return (core func $i "post")))))
          (component $caller
            (import "callee" (instance $c
              (export "r" (type $r (sub resource)))
              (export "make" (func (param "rep" u32) (result (own $r))))
              (export "say" (func {ASYNC} (param "s" string) (result string)))))
            (alias export $c "r" (type $r))
            (core func $get (canon context.get i32 0))
            (core func $set (canon context.set i32 0))
            (core module $lib
              (import "h" "get" (func $get (result i32))) (import "h" "set" (func $set (param i32)))
              (memory (export "memory") 1)
              (func (export "realloc") (param i32 i32 i32 i32) (result i32)
                (if (call $get) (then unreachable)) (call $set (i32.const 666)) (i32.const 128)))
            (core instance $lib (instantiate $lib (with "h" (instance (export "get" (func $get)) (export "set" (func $set))))))
            (core func $make (canon lower (func $c "make")))
            (core func $drop (canon resource.drop $r))
            (core func $say (canon lower (func $c "say") (memory (core memory $lib "memory")) (realloc (core func $lib "realloc"))))
            (core func $return (canon task.return (result u32)))
            (core module $m
              (import "h" "get" (func $get (result i32))) (import "h" "set" (func $set (param i32)))
              (import "h" "make" (func $make (param i32) (result i32))) (import "h" "drop" (func $drop (param i32)))
              (import "h" "say" (func $say (param i32 i32 i32))) (import "h" "return" (func $return (param i32)))
              (func (export "f")
                (call $set (i32.const 5))
                (call $say (i32.const 0) (i32.const 4) (i32.const 16))
                (if (i32.ne (call $get) (i32.const 5)) (then unreachable))
                (call $drop (call $make (i32.const 1)))
                (call $return (call $get))))
            (core instance $i (instantiate $m (with "h" (instance
              (export "get" (func $get)) (export "set" (func $set)) (export "make" (func $make)) (export "drop" (func $drop))
              (export "say" (func $say)) (export "return" (func $return))))))
            (func (export "f") async (result u32) (canon lift (core func $i "f") async)))
          (instance $c (instantiate $callee))
          (instance $v (instantiate $caller (with "callee" (instance $c))))
          (export "f" (func $v "f")))
        """;

    private static readonly WasmEngine s_engine = new(new EngineOptions { Pooling = false });

    [Theory]
    [InlineData("")]
    [InlineData("async")]
    public void Allocators_and_destructors_have_their_own_and_post_return_has_its_calls(string async)
    {
        using Component component = Component.Load(s_engine, WatCompiler.Compile(Text.Replace("{ASYNC}", async, StringComparison.Ordinal)));
        using PreparedComponent prepared = new ComponentLinker(s_engine).Prepare(component);
        using var store = new Store(s_engine);
        store.SetDeadline(TimeSpan.FromSeconds(30));
        using ComponentInstance instance = prepared.Instantiate(store);
        Assert.Equal(5u, instance.Call(prepared.FindFunction(null, "f")!));
    }
}
