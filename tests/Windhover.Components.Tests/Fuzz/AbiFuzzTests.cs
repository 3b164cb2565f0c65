using Windhover.Components.Linking;
using Windhover.Components.Tests.Values;
using Windhover.Components.Values;
using Windhover.Engine;

namespace Windhover.Components.Tests.Fuzz;

// One component for each random type T. Seventeen more bytes make every parameter and result too large for registers, so the guest sees its pointer and
// needs to know nothing of T:
//
//   echo: func(x: tuple<T, …>) -> tuple<T, …>     gives its pointer back: what was lowered is lifted again
//   poke: func(bytes: list<u8>)                   puts them at address 0
//   peek: func(at: u32) -> tuple<T, …>            gives any pointer: what lies there is lifted, whatever it is

/// <summary>Lowering and lifting of random types: values come back as they went, and memory that holds anything gives a valid value or a trap.</summary>
public sealed class AbiFuzzTests
{
    private const int MemoryBytes = 4 * 65536;

    private static readonly string s_padding = string.Concat(Enumerable.Repeat(" u8", 17));

    [Fact]
    public void Random_types_survive_the_way_and_hostile_memory_does_no_harm()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 20 });
        int types = 0, values = 0, memories = 0, valid = 0;
        foreach (var seed in FuzzTime.Seeds(60))
        {
            var random = new Random(seed);
            var type = RandomTypes.Next(random);
            var encoding = random.Next(3) switch { 0 => "utf8", 1 => "utf16", _ => "latin1+utf16" };
            try
            {
                using var component = Component.Load(engine, WatCompiler.Compile(Text(type, encoding)));
                using var prepared = new ComponentLinker(engine).Prepare(component);
                types++;
                for (var i = 0; i < 20; i++, values++)
                    Echo(engine, prepared, new RandomValues(random));
                for (var i = 0; i < 60; i++, memories++)
                    valid += Peek(engine, prepared, random) ? 1 : 0;
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {type} in {encoding}", error);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"abi: {types} types, {values} values there and back, {memories} random memories of which {valid} held a value");
        Assert.True(valid > 0);
    }

    private static void Echo(WasmEngine engine, PreparedComponent prepared, RandomValues values)
    {
        using var store = new Store(engine);
        using var instance = prepared.Instantiate(store);
        var function = prepared.FindFunction(null, "echo")!;
        var value = values.Next(function.Type.Parameters[0].Type);
        Assert.True(RandomValues.Same(value, instance.Call(function, value)), "another value came back");
    }

    // Whether it held a value. If so, that one is of the type, and comes back as it went.
    private static bool Peek(WasmEngine engine, PreparedComponent prepared, Random random)
    {
        using var store = new Store(engine);
        store.SetDeadline(TimeSpan.FromSeconds(20));
        using var instance = prepared.Instantiate(store);
        var peek = prepared.FindFunction(null, "peek")!;
        instance.Call(prepared.FindFunction(null, "poke")!, Memory(random));
        object? value;
        try
        {
            value = instance.Call(peek, random.Next(4) == 0 ? (uint)random.NextInt64(1L << 32) : (uint)random.Next(16) * 8);
        }
        catch (TrapException)
        {
            return false;
        }

        Assert.Null(ComponentValues.Difference(peek.Type.Result!, value));
        Assert.True(RandomValues.Same(value, instance.Call(prepared.FindFunction(null, "echo")!, value)), "another value came back");
        return true;
    }

    // Small numbers are valid as tags, lengths and pointers: without them hardly anything would be lifted.
    private static byte[] Memory(Random random)
    {
        var bytes = new byte[random.Next(1, 1024)];
        random.NextBytes(bytes);
        var sparse = random.Next(3);
        for (var i = 0; i < bytes.Length; i++)
        {
            if (sparse == 0 || (sparse == 1 && i % 4 != 0) || random.Next(3) == 0)
                bytes[i] = sparse == 0 && random.Next(6) == 0 ? (byte)random.Next(4) : (byte)0;
        }

        return bytes;
    }

    private static string Text(string type, string encoding) => $$"""
        (component
          {{RandomTypes.Named}}
          (core module $M
            (memory (export "memory") {{MemoryBytes / 65536}} 200)
            (global $top (mut i32) (i32.const 65536))
            (func (export "realloc") (param $old i32) (param $size i32) (param $align i32) (param $new i32) (result i32) (local $at i32)
              (local.set $at (i32.and (i32.add (global.get $top) (i32.const 7)) (i32.const -8)))
              (global.set $top (i32.add (local.get $at) (local.get $new)))
              (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
                (then (if (i32.lt_s (memory.grow (i32.add (i32.shr_u (local.get $new) (i32.const 16)) (i32.const 1))) (i32.const 0)) (then unreachable))))
              (memory.copy (local.get $at) (local.get $old) (local.get $size))
              (local.get $at))
            (func (export "echo") (param i32) (result i32) (local.get 0))
            (func (export "peek") (param i32) (result i32) (local.get 0))
            (func (export "poke") (param $from i32) (param $size i32) (memory.copy (i32.const 0) (local.get $from) (local.get $size))))
          (core instance $m (instantiate $M))
          (alias core export $m "memory" (core memory $memory))
          (alias core export $m "realloc" (core func $realloc))
          (func (export "echo") (param "x" (tuple {{type}}{{s_padding}})) (result (tuple {{type}}{{s_padding}}))
            (canon lift (core func $m "echo") (memory $memory) (realloc $realloc) string-encoding={{encoding}}))
          (func (export "peek") (param "at" u32) (result (tuple {{type}}{{s_padding}}))
            (canon lift (core func $m "peek") (memory $memory) (realloc $realloc) string-encoding={{encoding}}))
          (func (export "poke") (param "bytes" (list u8)) (canon lift (core func $m "poke") (memory $memory) (realloc $realloc))))
        """;
}
