namespace Windhover.Bench.Abi;

// A guest that does nothing of its own: each export hands its arguments to the import of the same name and returns what that returned. So what is
// measured is the way in (arguments lowered), the way out (lifted), the way back in (result lowered) and back out. `realloc` is a bump
// pointer that `done`, the post-return, sets back.
internal static class EchoGuest
{
    public const string Interface = "bench:abi/echo";

    /// <summary>Where the guest lets results be written: pointer and length.</summary>
    public const int ResultArea = 16;

    private const string Memory = """
        (memory (export "memory") 64)
        (global $top (mut i32) (i32.const 1024))
        (func (export "realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32) (local $at i32)
          (local.set $at (i32.and
            (i32.sub (i32.add (global.get $top) (local.get $align)) (i32.const 1))
            (i32.sub (i32.const 0) (local.get $align))))
          (global.set $top (i32.add (local.get $at) (local.get $size)))
          (local.get $at))
        (func (export "done") (param i32) (global.set $top (i32.const 1024)))
        """;

    private const string Main = """
        (import "echo" "number" (func $number (param i32) (result i32)))
        (import "echo" "text" (func $text (param i32 i32 i32)))
        (import "echo" "bytes" (func $bytes (param i32 i32 i32)))
        (func (export "number") (param i32) (result i32) (call $number (local.get 0)))
        (func (export "text") (param i32 i32) (result i32) (call $text (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
        (func (export "bytes") (param i32 i32) (result i32) (call $bytes (local.get 0) (local.get 1) (i32.const 16)) (i32.const 16))
        """;

    /// <summary>Memory and functions in one core module, for glue by hand.</summary>
    public static string CoreModule => $"(module {Main} {Memory})";

    public static string Component => $"""
        (component
          (import "{Interface}" (instance $host
            (export "number" (func (param "v" u32) (result u32)))
            (export "text" (func (param "v" string) (result string)))
            (export "bytes" (func (param "v" (list u8)) (result (list u8))))))
          (core module $MEMORY {Memory})
          (core module $MAIN {Main})
          (core instance $memory (instantiate $MEMORY))
          (alias core export $memory "memory" (core memory $mem))
          (alias core export $memory "realloc" (core func $realloc))
          (alias core export $memory "done" (core func $done))
          (core func $number (canon lower (func $host "number")))
          (core func $text (canon lower (func $host "text") (memory $mem) (realloc $realloc)))
          (core func $bytes (canon lower (func $host "bytes") (memory $mem) (realloc $realloc)))
          (core instance $main (instantiate $MAIN (with "echo" (instance
            (export "number" (func $number)) (export "text" (func $text)) (export "bytes" (func $bytes))))))
          (func $lifted-number (param "v" u32) (result u32) (canon lift (core func $main "number")))
          (func $lifted-text (param "v" string) (result string)
            (canon lift (core func $main "text") (memory $mem) (realloc $realloc) (post-return $done)))
          (func $lifted-bytes (param "v" (list u8)) (result (list u8))
            (canon lift (core func $main "bytes") (memory $mem) (realloc $realloc) (post-return $done)))
          (instance $out
            (export "number" (func $lifted-number)) (export "text" (func $lifted-text)) (export "bytes" (func $lifted-bytes)))
          (export "{Interface}" (instance $out)))
        """;
}
