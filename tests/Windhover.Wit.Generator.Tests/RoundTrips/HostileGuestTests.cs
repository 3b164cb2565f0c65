using System.Text;
using Acme.Test.Hostile.Host;
using Windhover.Components.Bindings;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>The host side of the hostile guest, bound as a customer would.</summary>
[WitWorld("test:hostile/hostile", RootNamespace = "Acme")]
public sealed partial class HostileWorld;

/// <summary>A guest that passes raw numbers where pointers, lengths, cases and handles are expected: each is a trap, and the host is not called.</summary>
public sealed class HostileGuestTests : IDisposable
{
    private const string Wat = """
        (component
          (import "test:hostile/host" (instance $host
            (type $shape' (variant (case "none") (case "number" f32) (case "wide" u64)))
            (export "shape" (type $shape (eq $shape')))
            (type $color' (enum "red" "green"))
            (export "color" (type $color (eq $color')))
            (export "thing" (type $thing (sub resource)))
            (export "[method]thing.touch" (func (param "self" (borrow $thing))))
            (export "open" (func (result (own $thing))))
            (export "bytes" (func (param "all" (list (list u8)))))
            (export "texts" (func (param "all" (list string))))
            (export "numbers" (func (param "all" (list u32))))
            (export "one" (func (param "s" $shape) (param "c" $color) (param "ch" char)))
            (export "fail" (func (result (result u32 (error string)))))))
          (core module $memory
            (memory (export "memory") 256)
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 64))
            ;; 1 Mi pairs (0, 8 MiB) from 8 MiB on: each element names the same bytes.
            (func $fill (local i32) (local.set 0 (i32.const 8388608))
              (loop (i32.store offset=4 (local.get 0) (i32.const 8388608))
                (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 8))) (i32.const 16777216)))))
            (start $fill))
          (core instance $m (instantiate $memory))
          (alias core export $m "memory" (core memory $mem))
          (alias core export $m "realloc" (core func $realloc))
          (core func $bytes (canon lower (func $host "bytes") (memory $mem)))
          (core func $texts (canon lower (func $host "texts") (memory $mem)))
          (core func $numbers (canon lower (func $host "numbers") (memory $mem)))
          (core func $one (canon lower (func $host "one")))
          (core func $touch (canon lower (func $host "[method]thing.touch")))
          (core func $fail (canon lower (func $host "fail") (memory $mem) (realloc $realloc)))
          (core module $main
            (import "" "bytes" (func $bytes (param i32 i32))) (export "bytes" (func $bytes))
            (import "" "texts" (func $texts (param i32 i32))) (export "texts" (func $texts))
            (import "" "numbers" (func $numbers (param i32 i32))) (export "numbers" (func $numbers))
            (import "" "one" (func $one (param i32 i64 i32 i32))) (export "one" (func $one))
            (import "" "touch" (func $touch (param i32))) (export "touch" (func $touch))
            (import "" "fail" (func $fail (param i32))) (export "fail" (func $fail)))
          (core instance $i (instantiate $main (with "" (instance (export "bytes" (func $bytes)) (export "texts" (func $texts))
            (export "numbers" (func $numbers)) (export "one" (func $one)) (export "touch" (func $touch)) (export "fail" (func $fail))))))
          (func (export "bytes") (param "at" u32) (param "count" u32) (canon lift (core func $i "bytes")))
          (func (export "texts") (param "at" u32) (param "count" u32) (canon lift (core func $i "texts")))
          (func (export "numbers") (param "at" u32) (param "count" u32) (canon lift (core func $i "numbers")))
          (func (export "one") (param "tag" u32) (param "payload" u64) (param "color" u32) (param "ch" u32) (canon lift (core func $i "one")))
          (func (export "touch") (param "thing" u32) (canon lift (core func $i "touch")))
          (func (export "fail") (param "at" u32) (canon lift (core func $i "fail"))))
        """;

    private readonly WasmEngine _engine = new();
    private readonly Component _component;
    private readonly PreparedComponent _prepared;
    private readonly HostileWorld _world;
    private readonly Host _host = new();

    public HostileGuestTests()
    {
        _component = Component.Load(_engine, WatCompiler.Compile(Wat));
        var linker = new ComponentLinker(_engine);
        HostileWorld.Define(linker, static state => (Host)state!);
        _prepared = linker.Prepare(_component);
        _world = HostileWorld.Bind(_prepared);
    }

    [Fact]
    public void What_is_valid_arrives()
    {
        Run(i => _world.Functions.Bytes(i, 0, 1)); // the zeroes at 0: one empty list
        Run(i => _world.Functions.Numbers(i, 0, 4));
        Run(i => _world.Functions.One(i, 1, 0x3fc00000, 1, 'x'));
        Run(i => _world.Functions.One(i, 2, ulong.MaxValue, 0, 0x10ffff));
        Run(i => _world.Functions.Fail(i, 0));
        Assert.Equal(["bytes 1", "numbers 4", "Number { Value = 1.5 } Green x", $"Wide {{ Value = {ulong.MaxValue} }} Red {new Rune(0x10ffff)}", "fail"], _host.Calls);
    }

    [Fact]
    public void Aliased_lists_cannot_fill_the_hosts_memory()
    {
        Assert.Contains("together", Trap(i => _world.Functions.Bytes(i, 8388608, 1048576)), StringComparison.Ordinal);
        Assert.Contains("together", Trap(i => _world.Functions.Texts(i, 8388608, 1048576)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(16777216 - 4, 2)] // past the end
    [InlineData(uint.MaxValue - 3, 2)] // wraps
    [InlineData(2, 1)] // misaligned
    [InlineData(0, 0x40000001)] // 4 bytes in 32-bit arithmetic
    [InlineData(0, uint.MaxValue)]
    public void Lists_out_of_place(uint at, uint count)
    {
        Trap(i => _world.Functions.Numbers(i, at, count));
        Trap(i => _world.Functions.Bytes(i, at, count));
    }

    [Theory]
    [InlineData(3, 0, 0, 'x')] // no such case
    [InlineData(uint.MaxValue, 0, 0, 'x')]
    [InlineData(0, 0, 2, 'x')] // no such color
    [InlineData(0, 0, 0, 0xd800)] // a surrogate
    [InlineData(0, 0, 0, 0x110000)]
    public void Cases_and_characters_that_do_not_exist(uint tag, ulong payload, uint color, uint ch) => Trap(i => _world.Functions.One(i, tag, payload, color, ch));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(uint.MaxValue)]
    public void Handles_that_nobody_gave(uint handle) => Trap(i => _world.Functions.Touch(i, handle));

    [Theory]
    [InlineData(16777216)]
    [InlineData(16777212)]
    [InlineData(uint.MaxValue - 3)]
    [InlineData(1)]
    public void Results_out_of_place(uint at) =>
        Assert.NotEmpty(Assert.Throws<TrapException>(() => Run(i => _world.Functions.Fail(i, at))).Message);

    private string Trap(Action<ComponentInstance> call)
    {
        string message = Assert.Throws<TrapException>(() => Run(call)).Message;
        Assert.Empty(_host.Calls);
        return message;
    }

    private void Run(Action<ComponentInstance> call)
    {
        using var store = new Store(_engine);
        using ComponentInstance instance = _prepared.Instantiate(store, _host);
        call(instance);
    }

    public void Dispose()
    {
        _prepared.Dispose();
        _component.Dispose();
        _engine.Dispose();
    }

    private sealed class Host : IHost
    {
        public List<string> Calls { get; } = [];

        public IThing Open() => throw new InvalidOperationException("nobody opens");

        public void Bytes(byte[][] all) => Calls.Add($"bytes {all.Length}");

        public void Texts(string[] all) => Calls.Add($"texts {all.Length}");

        public void Numbers(ReadOnlySpan<uint> all) => Calls.Add($"numbers {all.Length}");

        public void One(Shape s, Color c, Rune ch) => Calls.Add($"{s} {c} {ch}");

        public Result<uint, string> Fail()
        {
            Calls.Add("fail");
            return "no";
        }
    }
}
