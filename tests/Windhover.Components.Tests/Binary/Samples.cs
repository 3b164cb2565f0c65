using Windhover.Components.Binary;
using Windhover.Engine;

namespace Windhover.Components.Tests.Binary;

/// <summary>Small components that between them use every section, type, alias and canonical definition.</summary>
internal static class Samples
{
    public static byte[] Compile(string body) => WatCompiler.Compile($"(component {body})");

    /// <summary>Instances, aliases, nesting, core and component bags, every kind of import and export.</summary>
    public static byte[] Structure { get; } = Compile(
        """
        (import "log" (func $log (param "message" string)))
        (import "wasi:io/streams@0.2.4" (instance $streams
          (export "input-stream" (type $in (sub resource)))
          (export "[method]input-stream.read" (func (param "self" (borrow $in)) (param "n" u64) (result (result (list u8)))))))
        (import "m" (core module $imported (import "a" "b" (func (param i32))) (export "mem" (memory 1 2)) (export "t" (table 1 funcref)) (export "g" (global i64))))
        (import "r" (type $r (sub resource)))
        (component (import "c" (component (import "x" (func)) (export "y" (func)))))
        (core type $ct (func (param i32 i64) (result f32)))
        (core type $mt (module (alias outer 1 $ct (type)) (type (func (param i32))) (import "x" "y" (func (type 0))) (export "e" (tag (type 1)))))
        (core module $libc
          (memory (export "memory") 1) (table (export "table") 1 funcref) (global (export "global") i32 i32.const 7)
          (tag (export "tag") (param i32))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 0)
          (func (export "run") (param i32) (result i32) local.get 0)
          (data (i32.const 0) "hello") (start 2) (func))
        (core instance $i (instantiate $libc))
        (core instance $bag (export "run" (func $i "run")) (export "memory" (memory $i "memory")) (export "table" (table $i "table")) (export "global" (global $i "global")))
        (alias outer 0 $r (type $alias))
        (component $inner
          (import "f" (func $f (result u32)))
          (component $innermost (import "f" (func)))
          (component $outer-alias (alias outer $inner $innermost (component $same)) (export "c" (component $same)))
          (instance $k (instantiate $outer-alias))
          (export "f" (func $f)))
        (func $run (param "x" u32) (result u32) (canon lift (core func $i "run")))
        (core module $m2 (func (export "get") (result i32) i32.const 3))
        (core instance $i2 (instantiate $m2))
        (func $get (result u32) (canon lift (core func $i2 "get")))
        (instance $inst (instantiate $inner (with "f" (func $get))))
        (instance $exports (export "run" (func $run)))
        (export "run" (func $run))
        (export "acme:app/api@1.2.3" (instance $exports))
        (export "code" (core module $m2))
        """);

    /// <summary>Every type.</summary>
    public static byte[] Types { get; } = Compile(
        """
        (type $res (resource (rep i32)))
        (import "e" (type $error (sub resource)))
        (type (record (field "a" bool) (field "b" s8) (field "c" u8) (field "d" s16) (field "e" u16) (field "f" s32)))
        (type (record (field "g" u32) (field "h" s64) (field "i" u64) (field "j" f32) (field "k" f64) (field "l" char) (field "m" string)))
        (type (variant (case "a") (case "b" u8) (case "c" (tuple string u8))))
        (type $list (list u8)) (type (tuple $list $list)) (type (flags "x" "y" "z")) (type (enum "one" "two"))
        (type (option (result))) (type (result u8)) (type (result (error u8))) (type (result u8 (error string)))
        (type (own $res)) (type (borrow $res)) (type (stream u8)) (type (stream)) (type (future string)) (type (future)) (type (map string u8))
        (type (func)) (type (func async (param "x" u8) (result (list string))))
        (type (component (type (func)) (import "f" (func (type 0))) (export "g" (func (type 0))) (core type (func))))
        (type (instance (type (record (field "x" u8))) (export "rec" (type (eq 0))) (export "r" (type (sub resource))) (alias outer 1 $list (type))))
        """);

    /// <summary>Every canonical definition that the text compiler knows.</summary>
    public static byte[] Canon { get; } = Compile(
        """
        (core module $libc (memory (export "m") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
          (func (export "f") (param i32 i32) (result i32) unreachable) (func (export "post") (param i32)) (func (export "cb") (param i32 i32 i32) (result i32) unreachable)
          (func (export "af") (param i32 i32) (result i32) unreachable))
        (core instance $i (instantiate $libc))
        (alias core export $i "m" (core memory $m)) (alias core export $i "realloc" (core func $realloc))
        (alias core export $i "post" (core func $post)) (alias core export $i "cb" (core func $cb))
        (type $r (resource (rep i32))) (type $s (stream u8)) (type $f (future u8))
        (core func (canon resource.new $r)) (core func (canon resource.drop $r)) (core func (canon resource.rep $r))
        (func $sync (param "x" string) (result string)
          (canon lift (core func $i "f") string-encoding=utf16 (memory $m) (realloc $realloc) (post-return $post)))
        (func $async async (param "x" string) (result string)
          (canon lift (core func $i "af") string-encoding=latin1+utf16 async (memory $m) (realloc $realloc) (callback $cb)))
        (core func (canon lower (func $sync) string-encoding=utf8 (memory $m) (realloc $realloc)))
        (core func (canon lower (func $async) async (memory $m) (realloc $realloc)))
        (core func (canon backpressure.inc)) (core func (canon backpressure.dec))
        (core func (canon task.return (result string) (memory $m))) (core func (canon task.return)) (core func (canon task.cancel))
        (core func (canon context.get i32 0)) (core func (canon context.set i32 0))
        (core func (canon subtask.cancel)) (core func (canon subtask.cancel async)) (core func (canon subtask.drop))
        (core func (canon stream.new $s)) (core func (canon stream.read $s async (memory $m))) (core func (canon stream.write $s (memory $m)))
        (core func (canon stream.cancel-read $s)) (core func (canon stream.cancel-write $s async))
        (core func (canon stream.drop-readable $s)) (core func (canon stream.drop-writable $s))
        (core func (canon future.new $f)) (core func (canon future.read $f async (memory $m))) (core func (canon future.write $f (memory $m)))
        (core func (canon future.cancel-read $f)) (core func (canon future.cancel-write $f async))
        (core func (canon future.drop-readable $f)) (core func (canon future.drop-writable $f))
        (core func (canon waitable-set.new)) (core func (canon waitable-set.wait (memory $m))) (core func (canon waitable-set.poll (memory $m)))
        (core func (canon waitable-set.drop)) (core func (canon waitable.join)) (core func (canon thread.yield))
        """);

    /// <summary>Error contexts, which the validator has behind a gate: decoded, not validated.</summary>
    public static byte[] Gated { get; } = Compile(
        """
        (core module $libc (memory (export "m") 1) (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
        (core instance $i (instantiate $libc)) (alias core export $i "m" (core memory $m)) (alias core export $i "realloc" (core func $realloc))
        (type error-context)
        (core func (canon error-context.new (memory $m))) (core func (canon error-context.debug-message (memory $m) (realloc (core func $realloc)))) (core func (canon error-context.drop))
        """);

    /// <summary>What the validator has behind gates, but has stand-ins for in the skeleton.</summary>
    public static byte[] Threads { get; } = Compile(
        """
        (core module $libc (memory (export "m") 1) (table (export "t") 1 funcref))
        (core instance $i (instantiate $libc)) (alias core export $i "m" (core memory $m)) (alias core export $i "t" (core table $t))
        (core type $start (func (param i32)))
        (type (list u8 4)) (type (tuple (list string 1024)))
        (core func (canon thread.index)) (core func (canon thread.new-indirect $start (core table $t))) (core func (canon thread.resume-later))
        (core func (canon thread.suspend)) (core func (canon thread.suspend-then-resume)) (core func (canon thread.yield-then-resume))
        (core func (canon thread.suspend-then-promote)) (core func (canon thread.yield-then-promote))
        """);

    /// <summary>
    /// The built-ins of shared-everything threads, encoded by hand: the specification has a <c>shared</c> immediate that the text compiler of
    /// Wasmtime 50 does not write.
    /// </summary>
    public static byte[] SharedThreads { get; } = [.. WasmFile.ComponentPreamble, 8, 10, 3, 0x40, 1, 0, 0x41, 0, 0, 0, 0x42, 1];

    public static IReadOnlyList<byte[]> All { get; } = [Structure, Types, Canon, Gated, Threads, SharedThreads];
}
