namespace Windhover.Bench.Plugins;

/// <summary>A guest that gives back what it gets, as a component and as the core module inside it.</summary>
internal static class PluginGuest
{
    /// <summary>The core module: <c>add</c>, <c>repeat</c>, <c>text</c>, <c>bytes</c>, <c>pass</c>, <c>realloc</c> and <c>done</c>, which gives all memory back.</summary>
    public const string Core = """
        (module
          (import "host" "tick" (func $tick (param i32) (result i32)))
          (memory (export "memory") 64)
          (global $top (mut i32) (i32.const 1024))
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) (local $at i32)
            (local.set $at (i32.and (i32.sub (i32.add (global.get $top) (local.get 2)) (i32.const 1)) (i32.sub (i32.const 0) (local.get 2))))
            (global.set $top (i32.add (local.get $at) (local.get 3)))
            (local.get $at))
          (func (export "done") (param i32) (global.set $top (i32.const 1024)))
          (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
          (func (export "repeat") (param $n i32) (result i32) (local $i i32) (local $sum i32)
            (block $end
              (loop $next
                (br_if $end (i32.ge_u (local.get $i) (local.get $n)))
                (local.set $sum (i32.add (local.get $sum) (call $tick (local.get $i))))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $next)))
            (local.get $sum))
          (func $pair (export "text") (export "bytes") (param i32 i32) (result i32)
            (i32.store (i32.const 16) (local.get 0))
            (i32.store (i32.const 20) (local.get 1))
            (i32.const 16))
          (func (export "pass") (param i32 i32 i32 i32 i32 i32 i64 f64 i32 i32 i32 i32 i32) (result i32)
            (i32.store (i32.const 64) (local.get 0))
            (i32.store (i32.const 68) (local.get 1))
            (i32.store (i32.const 72) (local.get 2))
            (i32.store (i32.const 76) (local.get 3))
            (i32.store (i32.const 80) (local.get 4))
            (i32.store8 (i32.const 84) (local.get 5))
            (i64.store (i32.const 88) (local.get 6))
            (f64.store (i32.const 96) (local.get 7))
            (i32.store8 (i32.const 104) (local.get 8))
            (i32.store (i32.const 108) (local.get 9))
            (i32.store (i32.const 112) (local.get 10))
            (i32.store (i32.const 116) (local.get 11))
            (i32.store (i32.const 120) (local.get 12))
            (i32.const 64)))
        """;

    /// <summary>The component around it.</summary>
    public static string Component { get; } = $"""
        (component
          (import "bench:plugin/host" (instance $host (export "tick" (func (param "n" u32) (result u32)))))
          (alias export $host "tick" (func $host-tick))
          (core func $tick (canon lower (func $host-tick)))
          (core module $M {Core[(Core.IndexOf("(module", StringComparison.Ordinal) + "(module".Length)..]}
          (core instance $m (instantiate $M (with "host" (instance (export "tick" (func $tick))))))
          (alias core export $m "memory" (core memory $memory))
          (alias core export $m "realloc" (core func $realloc))
          (alias core export $m "done" (core func $done))
          (alias core export $m "add" (core func $add))
          (alias core export $m "repeat" (core func $repeat))
          (alias core export $m "text" (core func $text))
          (alias core export $m "bytes" (core func $bytes))
          (alias core export $m "pass" (core func $pass))
          (func $f-add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $add)))
          (func $f-repeat (param "n" u32) (result u32) (canon lift (core func $repeat)))
          (func $f-text (param "v" string) (result string) (canon lift (core func $text) (memory $memory) (realloc $realloc) (post-return $done)))
          (func $f-bytes (param "v" (list u8)) (result (list u8)) (canon lift (core func $bytes) (memory $memory) (realloc $realloc) (post-return $done)))
          (type $line (record (field "sku" string) (field "cents" u32) (field "quantity" u32)))
          (type $order (record (field "id" u32) (field "customer" string) (field "country" string) (field "paid" bool) (field "cents" u64)
            (field "weight" f64) (field "note" (option string)) (field "lines" (list $line))))
          (func $f-pass (param "o" $order) (result $order) (canon lift (core func $pass) (memory $memory) (realloc $realloc) (post-return $done)))
          (instance $out
            (export "line" (type $line)) (export "order" (type $order))
            (export "add" (func $f-add)) (export "repeat" (func $f-repeat)) (export "text" (func $f-text)) (export "bytes" (func $f-bytes))
            (export "pass" (func $f-pass)))
          (export "bench:plugin/api" (instance $out)))
        """;
}
