using CsCheck;

namespace Windhover.Engine.Tests.Interruptions;

public sealed class GuardRewriterTests
{
    // Every kind of section and instruction whose immediates differ.
    private static readonly string[] Modules =
    [
        """(module (func (export "f") (loop $l (br_if $l (i32.const 0)))))""",
        """(module (memory 1) (func $f (call $f)) (start $f))""",
        """(module (import "a" "m" (memory 1)) (memory 2) (tag $t (param i32)) (global i32 (i32.const 1)) (data (i32.const 0) "x") (func (export "f") (loop)))""",
        """
        (module
          (type $v (func)) (type $p (func (param i32) (result i32)))
          (import "a" "t" (table 1 funcref)) (import "a" "g" (global i64)) (import "a" "e" (tag (param i32))) (import "a" "f" (func $f (type $v)))
          (memory 1 2) (memory $big i64 1) (table 3 10 funcref) (elem $e func 0) (data $d "abc")
          (func $many (export "many") (param i32 i64) (result i32) (local f32 f64 v128 funcref externref)
            (block (block (br_table 0 1 0 (local.get 0))))
            (drop (select (result i32) (i32.const -5) (i32.const 2147483647) (local.get 0)))
            (drop (i64.const -9223372036854775808)) (drop (f32.const 1)) (drop (f64.const nan))
            (drop (ref.null func)) (drop (ref.is_null (ref.func $many)))
            (i32.store offset=123456 (local.get 0) (i32.const 1)) (i64.store $big offset=9000000000 (local.get 1) (i64.const 1))
            (drop (memory.grow (i32.const 0))) (drop (memory.size)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 10))
            (memory.copy (i32.const 0) (i32.const 0) (i32.const 10)) (memory.copy $big $big (i64.const 0) (i64.const 0) (i64.const 10))
            (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
            (table.init 1 $e (i32.const 0) (i32.const 0) (i32.const 1)) (elem.drop $e) (table.copy 1 1 (i32.const 0) (i32.const 0) (i32.const 1))
            (table.fill 1 (i32.const 0) (ref.null func) (i32.const 1)) (drop (table.grow 1 (ref.null func) (i32.const 1))) (drop (table.size 1))
            (drop (i32.trunc_sat_f64_u (f64.const 1)))
            (drop (v128.const i32x4 1 2 3 4)) (local.set 4 (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 (local.get 4) (local.get 4)))
            (drop (i8x16.extract_lane_s 3 (local.get 4))) (drop (v128.load32_lane offset=4 2 (local.get 0) (local.get 4))) (drop (v128.load64_zero (local.get 0)))
            (drop (f32x4.relaxed_madd (local.get 4) (local.get 4) (local.get 4)))
            (block $x (block $h (result i32) (try_table (catch 0 $h) (catch_all $x) (throw 0 (i32.const 1))) (i32.const 2)) (drop))
            (loop (param) (call $f)) (call_indirect 1 (type $v) (i32.const 0))
            (loop (result i32) (i32.const 1)) (loop (type $p) (return_call $tail)))
          (func $tail (param i32) (result i32) (return_call_indirect 1 (type $p) (local.get 0) (i32.const 0))))
        """,
        """
        (module
          (type $a (array (mut i32))) (type $s (struct (field (mut i32)))) (type $f (func (param (ref null $s)) (result i32)))
          (func $g (export "g") (param $x (ref null $s)) (param $f (ref $f)) (param $any anyref) (result i32) (local (ref null $a))
            (local.set 3 (array.new $a (i32.const 1) (i32.const 10))) (array.fill $a (local.get 3) (i32.const 0) (i32.const 1) (i32.const 5))
            (array.copy $a $a (local.get 3) (i32.const 0) (local.get 3) (i32.const 0) (i32.const 5)) (drop (array.new_fixed $a 2 (i32.const 1) (i32.const 2)))
            (drop (struct.get $s 0 (ref.cast (ref $s) (local.get $any)))) (drop (ref.test (ref null i31) (local.get $any)))
            (block $l (result anyref) (br_on_cast $l anyref (ref $s) (local.get $any))) (drop) (drop (i31.get_s (ref.i31 (i32.const 3))))
            (block $n (br_on_null $n (local.get $x)) (drop)) (loop (result (ref null $s)) (local.get $x)) (drop)
            (call_ref $f (local.get $x) (local.get $f)) (drop) (return_call_ref $f (local.get $x) (local.get $f))))
        """,
        """(module (memory 1 1 shared) (func (export "f") (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))) (atomic.fence) (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))))""",
        """(module (func (export "f") (param i64) (result i64 i64) (i64.add128 (local.get 0) (local.get 0) (local.get 0) (local.get 0))))""",
    ];

    private static readonly EngineOptions Everything =
        new() { Pooling = false, GarbageCollection = true, Threads = true, WideArithmetic = true };

    [Fact]
    public void What_is_written_is_valid_and_has_the_same_face()
    {
        using var guarded = new WasmEngine(Everything with { Interruption = Interruption.GuardPage });
        using var plain = new WasmEngine(Everything with { Interruption = Interruption.None });
        foreach (var text in Modules)
        {
            using Module one = Wat.Module(guarded, text), other = Wat.Module(plain, text);
            Assert.NotNull(one.Guarded);
            Assert.Equal(other.Imports, one.Imports);
            Assert.Equal(other.Exports, one.Exports);
        }
    }

    [Fact]
    public void A_module_without_loops_and_calls_is_left_as_it_is()
    {
        using var engine = new WasmEngine(Everything with { Interruption = Interruption.GuardPage });
        using var module = Wat.Module(engine, "(module (memory 1) (func (result i32) (i32.const 1)) (table 1 funcref) (elem (i32.const 0) 0))");
        Assert.Null(module.Guarded);
    }

    [Theory]
    [InlineData("MultiMemory", """(module (memory 1) (memory 1) (func (export "f") (loop)))""")]
    [InlineData("Threads", """(module (memory 1 1 shared) (func (export "f") (loop)))""")]
    [InlineData("custom page sizes", """(module (memory 4096 (pagesize 1)) (func (export "f") (loop)))""")]
    [InlineData("the guard", """(module (memory 1) (func (export "f") (loop) (drop (i32.load 1 (i32.const 0)))))""")]
    [InlineData("the guard as the only one", """(module (func (export "f") (loop) (drop (memory.grow 0 (i32.const 1)))))""")]
    [InlineData("the guard exported", """(module (memory 1) (export "m" (memory 1)) (func (export "f") (loop)))""")]
    [InlineData("a reserved name", """(module (func (export "\00windhover.guard") (loop)))""")]
    public void What_the_user_has_not_switched_on_stays_off(string what, string text)
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false, MultiMemory = false, Interruption = Interruption.GuardPage });
        Assert.NotNull(what);
        Assert.Throws<InvalidModuleException>(() => Wat.Module(engine, text));
    }

    [Fact]
    public void Offsets_of_the_way_back_are_those_of_the_users_module()
    {
        foreach (var text in Modules)
        {
            var wasm = WatCompiler.Compile(text);
            var layout = ModuleLayout.Read(wasm);
            var (rewritten, code) = GuardRewriter.Rewrite(wasm, layout);
            code = GuardedCode.FromBytes(code.ToBytes());
            var after = ModuleLayout.Read(rewritten);
            Assert.Equal(layout.Bodies.Count, after.Bodies.Count);
            var checks = 0;
            for (var i = 0; i < after.Bodies.Count; i++)
            {
                // Taking the checks out gives the user's code, and each byte of it translates to where it was.
                Assert.Equal(layout.Bodies[i].Start, code.Map.Translate(after.Bodies[i].Start, out _));
                var original = layout.Bodies[i].Start;
                var inCheck = false;
                for (var at = after.Bodies[i].Start; at < after.Bodies[i].End; at++)
                {
                    var translated = code.Map.Translate(at, out var isCheck);
                    checks += isCheck && !inCheck ? 1 : 0;
                    inCheck = isCheck;
                    if (isCheck && layout.Scan.TurnEnd((int)translated) == original)
                        original = (int)translated; // the same turn of a loop a second time
                    Assert.Equal(original, translated);
                    if (isCheck)
                        continue;
                    // A second turn's branch has a block more to leave.
                    var isBranch = original > 0 && layout.Scan.Of(i).ToArray().Any(c => layout.Scan.TurnEnd(c) == original - 1);
                    Assert.Equal(isBranch ? 1 : wasm[original], rewritten[at]);
                    original++;
                }
                Assert.Equal(layout.Bodies[i].End, original);
            }
            Assert.InRange(checks, 1, layout.Scan.Checks * 3); // two in a row count as one here, a loop that is written twice as three
        }
    }

    // What compilers make of strlen, byte copies, sums and searches, and what must stay as it is.
    private const string Loops =
        """
        (module (memory 1) (data (i32.const 0) "the quick brown fox\00")
          (func (export "length") (param $at i32) (result i32) (local $n i32)
            (loop $l (local.set $n (i32.add (local.get $n) (i32.const 1))) (br_if $l (i32.load8_u (i32.add (local.get $at) (local.get $n)))))
            (local.get $n))
          (func (export "sum") (param $n i32) (result i32) (local $sum i32)
            (loop $l
              (local.set $sum (i32.add (local.get $sum) (local.get $n)))
              (i32.store offset=100 (i32.shl (local.get $n) (i32.const 2)) (local.get $sum))
              (br_if $l (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (i32.add (local.get $sum) (i32.load (i32.const 104))))
          (func (export "nested") (param $n i32) (result i32) (local $i i32) (local $sum i32)
            (loop $outer
              (local.set $i (local.get $n))
              (loop $inner (local.set $sum (i32.add (i32.mul (local.get $sum) (i32.const 31)) (local.get $i))) (br_if $inner (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
              (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
            (local.get $sum))
          (func (export "forward") (param $n i32) (result i32) (local $sum i32)
            (block $out (loop $l
              (br_if $out (i32.gt_u (local.get $sum) (local.get $n)))
              (local.set $sum (i32.add (local.get $sum) (i32.const 3)))
              (br_if $l (i32.const 1))))
            (local.get $sum))
          (func (export "outer") (param $n i32) (result i32) (local $sum i32)
            (loop $a (loop $b (local.set $sum (i32.add (local.get $sum) (local.get $n))) (br_if $a (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))
            (local.get $sum)))
        """;

    [Fact]
    public void Loops_that_are_written_twice_turn_as_often_as_before()
    {
        using var guarded = new WasmEngine(Everything with { Interruption = Interruption.GuardPage });
        using var plain = new WasmEngine(Everything with { Interruption = Interruption.None });
        using Module one = Wat.Module(guarded, Loops), other = Wat.Module(plain, Loops);
        var scan = ModuleLayout.Read(WatCompiler.Compile(Loops)).Scan;
        Assert.Equal([1, 1, 1, 0, 0], Enumerable.Range(0, 5).Select(f => scan.Of(f).ToArray().Count(c => scan.TurnEnd(c) != 0)));
        using Store here = new(guarded), there = new(plain);
        here.SetDeadline(TimeSpan.FromSeconds(20), default);
        Instance a = here.Instantiate(one, []), b = there.Instantiate(other, []);
        foreach (var export in new[] { "length", "sum", "nested", "forward", "outer" })
        {
            for (var n = 1; n < 18; n++)
                Assert.Equal(Call(there, b, export, n), Call(here, a, export, n));
        }

        static int Call(Store store, Instance instance, string export, int n)
        {
            RawValue[] values = [(RawValue)n];
            instance.GetFunction(store, export).Call(store, values);
            return values[0].I32;
        }
    }

    [Fact]
    public void Any_small_loop_does_what_it_did()
    {
        using var guarded = new WasmEngine(Everything with { Interruption = Interruption.GuardPage });
        using var plain = new WasmEngine(Everything with { Interruption = Interruption.None });
        string[] operators = ["add", "sub", "mul", "xor", "shl", "rotr", "lt_u", "eq"];
        var local = Gen.Int[1, 3].Select(l => $"(local.get {l})");
        var value = Gen.OneOf(
            local,
            Gen.Int[-70, 70000].Select(n => $"(i32.const {n})"),
            Gen.Select(Gen.Int[0, operators.Length - 1].Select(i => operators[i]), local, local).Select((op, a, b) => $"(i32.{op} {a} {b})"),
            local.Select(a => $"(i32.load8_u (i32.and {a} (i32.const 255)))"),
            Gen.Select(local, local, local).Select((a, b, c) => $"(select {a} {b} {c})"),
            local.Select(a => $"(i32.wrap_i64 (i64.extend_i32_s {a}))"));
        var statement = Gen.OneOf(
            Gen.Select(Gen.Int[1, 3], value).Select((l, v) => $"(local.set {l} {v})"),
            Gen.Select(local, value).Select((a, v) => $"(i32.store8 (i32.and {a} (i32.const 255)) {v})"));
        var twice = 0;
        Gen.Select(statement.Array[0, 7], Gen.Int[1, 40], Gen.Bool).Sample(
            (statements, turns, byTee) =>
            {
                var again = byTee ? "(local.tee 0 (i32.sub (local.get 0) (i32.const 1)))" : "(local.get 0)";
                var count = byTee ? "" : "(local.set 0 (i32.sub (local.get 0) (i32.const 1)))";
                var text = $"""
                    (module (memory 1)
                      (func (export "f") (param i32) (result i32) (local i32 i32 i32)
                        (loop {string.Concat(statements)} {count} (br_if 0 {again}))
                        (i32.xor (i32.xor (local.get 1) (local.get 2)) (i32.xor (local.get 3) (i32.load (i32.const 0))))))
                    """;
                var scan = ModuleLayout.Read(WatCompiler.Compile(text)).Scan;
                Interlocked.Add(ref twice, scan.Of(0).ToArray().Count(c => scan.TurnEnd(c) != 0));
                Assert.Equal(Run(plain, text, turns), Run(guarded, text, turns));
            },
            iter: 300);
        Assert.InRange(twice, 100, 300);

        static int Run(WasmEngine engine, string text, int turns)
        {
            using var module = Wat.Module(engine, text);
            using Store store = new(engine);
            if (engine.Options.Interruption == Interruption.GuardPage)
                store.SetDeadline(TimeSpan.FromSeconds(20), default);
            RawValue[] values = [(RawValue)turns];
            store.Instantiate(module, []).GetFunction(store, "f").Call(store, values);
            return values[0].I32;
        }
    }

    [Fact]
    public void A_loop_that_is_written_twice_traps_where_it_did_and_can_be_stopped()
    {
        const string Text =
            """
            (module (memory 1)
              (func (export "f") (param $at i32) (loop $l (local.set $at (i32.add (local.get $at) (i32.const 65528))) (br_if $l (i32.eqz (i32.load (local.get $at))))))
              (func (export "endless") (loop $l (br_if $l (i32.const 1)))))
            """;
        var wasm = WatCompiler.Compile(Text);
        using var engine = new WasmEngine(Everything with { Interruption = Interruption.GuardPage });
        using var module = Wat.Module(engine, Text);
        using Store store = new(engine);
        store.SetDeadline(TimeSpan.FromSeconds(20), default);
        var instance = store.Instantiate(module, []);
        foreach (var at in new[] { -65528, 100, -131056 }) // in the second turn, the first, the third
        {
            var trap = Assert.Throws<TrapException>(() => instance.GetFunction(store, "f").Call(store, [(RawValue)at]));
            Assert.Equal((TrapKind.MemoryOutOfBounds, 0x28), (trap.Kind, wasm[(int)trap.Frames[0].ModuleOffset])); // i32.load
        }

        store.SetDeadline(TimeSpan.FromMilliseconds(20), default);
        Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => instance.GetFunction(store, "endless").Call(store, [])).Kind);
    }

    [Fact]
    public void Damaged_modules_never_do_more_than_throw()
    {
        foreach (var text in Modules)
        {
            var wasm = WatCompiler.Compile(text);
            Gen.Select(Gen.Select(Gen.Int[0, wasm.Length - 1], Gen.Byte).Array[1, 4], Gen.Int[0, wasm.Length]).Sample(
                (changes, length) =>
                {
                    var damaged = wasm.ToArray();
                    foreach (var (at, value) in changes)
                        damaged[at] = value;
                    Rewrite(damaged);
                    Rewrite(damaged.AsSpan(0, length));
                },
                iter: 3000);
        }

        static void Rewrite(ReadOnlySpan<byte> wasm)
        {
            try
            {
                GuardRewriter.Rewrite(wasm, ModuleLayout.Read(wasm));
            }
            catch (Exception exception) when (exception is RewriteException or OverflowException)
            {
            }
        }
    }

    [Fact]
    public void Modules_of_real_compilers_are_rewritten()
    {
        var suites = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        if (suites is null)
            Assert.Skip("WINDHOVER_SUITES is not set: it names a folder that holds wasi-testsuite-base/.");
        using var engine = new WasmEngine(Everything with { Interruption = Interruption.GuardPage });
        int all = 0, rewritten = 0;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(suites, "wasi-testsuite-base"), "*.wasm", SearchOption.AllDirectories))
        {
            var wasm = File.ReadAllBytes(file);
            if (!wasm.AsSpan().StartsWith(ModuleLayout.Header) || all >= 60)
                continue;
            all++;
            using var module = Module.Compile(engine, wasm);
            rewritten += module.Guarded is null ? 0 : 1;
            if (module.Guarded is null)
                TestContext.Current.TestOutputHelper!.WriteLine($"not rewritten: {Path.GetRelativePath(suites, file)}");
        }
        TestContext.Current.TestOutputHelper!.WriteLine($"suite: {rewritten} of {all} (rewritten)");
        Assert.Equal(all, rewritten);
    }

    [Fact]
    public void A_name_section_keeps_its_names_and_bad_ones_do_no_harm()
    {
        byte[] function = WatCompiler.Compile("""(module (func (export "f") (loop) unreachable))""");
        foreach (var (section, module, name) in new (byte[] Section, string? Module, string? Name)[]
        {
            ([], null, null),
            ([0, 2, 1, (byte)'m', 1, 4, 1, 0, 1, (byte)'g'], "m", "g"),
            ([1, 4, 1, 0, 1, (byte)'g', 0, 2, 1, (byte)'m'], "m", "g"),
            ([0, 2, 9, (byte)'m', 1, 4, 1, 0, 1, (byte)'g'], null, "g"),
            ([1, 99, 1], null, null),
            ([0xff], null, null),
        })
        {
            byte[] custom = [4, .. "name"u8, .. section];
            byte[] wasm = [.. function, 0, (byte)custom.Length, .. custom];
            using var engine = new WasmEngine(Everything with { Interruption = Interruption.GuardPage });
            using var compiled = Module.Compile(engine, wasm);
            using var store = new Store(engine);
            var f = store.Instantiate(compiled, []).GetFunction(store, "f");
            var frame = Assert.Throws<TrapException>(() => f.Call(store, [])).Frames[0];
            Assert.Equal((module, 0x00), (frame.ModuleName, wasm[(int)frame.ModuleOffset]));
            if (name is not null && module is not null)
                Assert.Equal(name, frame.FunctionName);
        }
    }
}
