using System.Collections.Concurrent;
using System.Globalization;
using Windhover.Engine;

namespace Windhover.Tests;

/// <summary>Plug-ins of the world test:shop/plugin, written as component text.</summary>
internal static class ShopGuest
{
    private static readonly ConcurrentDictionary<string, byte[]> s_made = new(StringComparer.Ordinal);

    /// <summary>A plug-in whose <c>version</c> is a number and whose interfaces carry a version.</summary>
    public static byte[] Make(int version = 1, string package = "1.1.0", string? describe = null, bool rules = true)
    {
        string description = describe ?? $"version {version}";
        string text = Text
            .Replace("@VERSION", version.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@PACKAGE", package, StringComparison.Ordinal)
            .Replace("@LENGTH", description.Length.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@TEXT", description, StringComparison.Ordinal)
            .Replace("@RULES", rules ? "rules" : "rulez", StringComparison.Ordinal);
        return s_made.GetOrAdd(text, WatCompiler.Compile);
    }

    private const string Text = """
        (component
          (import "test:shop/log@@PACKAGE" (instance $log (export "write" (func (param "line" string)))))
          (core module $libc
            (memory (export "memory") 1)
            (global $top (mut i32) (i32.const 4096))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32)
              global.get $top
              global.get $top local.get 3 i32.add global.set $top))
          (core instance $libc (instantiate $libc))
          (alias core export $libc "memory" (core memory $memory))
          (alias core export $libc "realloc" (core func $realloc))
          (alias export $log "write" (func $log-write))
          (core func $write (canon lower (func $log-write) (memory $memory)))
          (core module $m
            (import "libc" "memory" (memory 1))
            (import "host" "write" (func $write (param i32 i32)))
            (data (i32.const 64) "@TEXT")
            (data (i32.const 16) "boom")
            (func (export "price") (param i32 i32) (result i32) local.get 0 local.get 1 i32.mul)
            (func (export "version") (result i32) i32.const @VERSION)
            (func (export "describe") (result i32)
              i32.const 0 i32.const 64 i32.store
              i32.const 4 i32.const @LENGTH i32.store
              i32.const 0)
            (func (export "act") (param i32) (result i32)
              block block block block block
                local.get 0
                br_table 4 0 1 2 3 4
              end
              unreachable
              end
              (loop br 0)
              end
              i32.const 16 i32.const 4 call $write
              br 1
              end
              i32.const 65000 memory.grow
              return
              end
              i32.const 7)
            (func (export "make") (param i32) (result i32)
              i32.const 32 local.get 0 i32.store
              i32.const 32)
            (func (export "next") (param i32) (result i32)
              local.get 0
              local.get 0 i32.load i32.const 1 i32.add i32.store
              local.get 0 i32.load))
          (core instance $m (instantiate $m (with "libc" (instance $libc)) (with "host" (instance (export "write" (func $write))))))
          (alias core export $m "price" (core func $core-price))
          (alias core export $m "describe" (core func $core-describe))
          (alias core export $m "act" (core func $core-act))
          (alias core export $m "make" (core func $core-make))
          (alias core export $m "next" (core func $core-next))
          (alias core export $m "version" (core func $core-version))
          (func $price (param "cents" u32) (param "quantity" u32) (result u32) (canon lift (core func $core-price)))
          (func $describe (result string) (canon lift (core func $core-describe) (memory $memory) (realloc $realloc)))
          (func $act (param "kind" u32) (result u32) (canon lift (core func $core-act)))
          (instance $rules (export "price" (func $price)) (export "describe" (func $describe)) (export "act" (func $act)))
          (export "test:shop/@RULES@@PACKAGE" (instance $rules))

          (type $counter' (resource (rep i32)))
          (core func $new (canon resource.new $counter'))
          (core module $c
            (import "c" "new" (func $new (param i32) (result i32)))
            (import "c" "make" (func $make (param i32) (result i32)))
            (func (export "make") (param i32) (result i32) local.get 0 call $make call $new))
          (core instance $c (instantiate $c (with "c" (instance (export "new" (func $new)) (export "make" (func $core-make))))))
          (alias core export $c "make" (core func $make-new))
          (func $make (param "start" u32) (result (own $counter')) (canon lift (core func $make-new)))
          (func $next (param "self" (borrow $counter')) (result u32) (canon lift (core func $core-next)))
          (component $counters
            (import "import-type-counter" (type $c (sub resource)))
            (import "make" (func $make (param "start" u32) (result (own $c))))
            (import "next" (func $next (param "self" (borrow $c)) (result u32)))
            (export $e "counter" (type $c))
            (export "[constructor]counter" (func $make) (func (param "start" u32) (result (own $e))))
            (export "[method]counter.next" (func $next) (func (param "self" (borrow $e)) (result u32))))
          (instance $counters (instantiate $counters
            (with "import-type-counter" (type $counter')) (with "make" (func $make)) (with "next" (func $next))))
          (export "test:shop/counters@@PACKAGE" (instance $counters))

          (func $version (result u32) (canon lift (core func $core-version)))
          (export "version" (func $version)))
        """;
}
