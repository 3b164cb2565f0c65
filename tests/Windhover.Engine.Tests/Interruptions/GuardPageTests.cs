using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Windhover.Engine.Tests.Interruptions;

public sealed class GuardPageTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData("(loop $l (br $l))")]
    [InlineData("(loop $l (i32.store (i32.const 8) (i32.const 1)) (br $l))")]
    // The value of the outer loop's check must not stand for the inner one's.
    [InlineData("(loop $a (loop $b (loop $c (br $c)) (br $b)) (br $a))")]
    [InlineData("(loop $a (br_if $a (i32.const 0))) (loop $b (br_if $b (i32.const 0))) (loop $c (br $c))")]
    [InlineData("(loop $l (drop (call_indirect (result i32) (i32.const 0))) (br $l))")]
    [InlineData("(return_call $f)")]
    [InlineData("(return_call $g)")]
    [InlineData("(return_call_indirect (i32.const 1))")]
    [InlineData("(return_call_ref $v (ref.func $f))")]
    [InlineData("(drop (call $fib (i32.const 60)))")]
    [InlineData("(loop $l (call $host) (br $l))")]
    [InlineData("(loop $l (block $h (try_table (catch $t $h) (throw $t))) (br $l))")]
    [InlineData("(loop $l (block $h (try_table (catch_all $h) (loop $m (br $m)))) (br $l))")]
    [InlineData("(loop $l (i32.const 1) (loop $m (param i32) (drop) (br $l)) (br $l))")]
    [InlineData("(loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br $l))")]
    [InlineData("(call $fills)")]
    public void Nothing_runs_on_past_its_deadline(string body)
    {
        using var engine = new WasmEngine(new EngineOptions { Pooling = false, GarbageCollection = true });
        using var store = new Store(engine);
        var fills = new StringBuilder();
        for (var i = 0; i < 20_000; i++)
            fills.Append("(memory.fill 1 (i32.const 0) (i32.const 1) (i32.const 0x2000000))");
        using var module = Wat.Module(engine, $$"""
            (module (import "h" "f" (func $host)) (memory 1) (memory 512) (tag $t) (type $v (func)) (table 2 funcref) (elem (i32.const 0) $one $f)
              (func $one (result i32) (i32.const 1)) (func $g (return_call $f))
              (func $fib (param i32) (result i32) (if (result i32) (i32.lt_u (local.get 0) (i32.const 2)) (then (local.get 0))
                (else (i32.add (call $fib (i32.sub (local.get 0) (i32.const 1))) (call $fib (i32.sub (local.get 0) (i32.const 2)))))))
              (func $fills {{(body.Contains("fills", StringComparison.Ordinal) ? fills : "")}})
              (func $f (export "f") {{body}}))
            """);
        var f = store.Instantiate(module, [store.CreateFunction(Host.Action(_ => { }))]).GetFunction(store, "f");
        for (var i = 0; i < 3; i++)
        {
            var watch = Stopwatch.StartNew();
            store.SetDeadline(Soon);
            var trap = Assert.Throws<TrapException>(() => f.Call(store, []));
            Assert.Equal(TrapKind.Interrupt, trap.Kind);
            Assert.Equal("The guest ran past its deadline.", trap.Message.Split('\n')[0]);
            Assert.InRange(watch.Elapsed, Soon, TimeSpan.FromSeconds(5));
        }
    }

    [Theory]
    [InlineData("(loop $l (br $l))")]
    [InlineData("(call $s)")]
    public void A_start_function_is_stopped_on_both_roads(string body)
    {
        // The second is recursion without end, but for the stack.
        using var module = Wat.Module(fixture.Engine, $"(module (func $s (loop $w (br_if $w (i32.const 0))) {body.Replace("call $s", "return_call $s", StringComparison.Ordinal)}) (start $s))");
        using var linker = new Linker(fixture.Engine);
        using var pre = linker.Prepare(module);
        using (var store = new Store(fixture.Engine))
        {
            store.SetDeadline(Soon);
            var trap = Assert.Throws<TrapException>(() => pre.Instantiate(store));
            Assert.Equal((TrapKind.Interrupt, "s"), (trap.Kind, trap.Frames[0].FunctionName));
        }
        using (var store = new Store(fixture.Engine))
        {
            store.SetDeadline(TimeSpan.Zero);
            Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => store.Instantiate(module, [])).Kind);
        }
    }

    [Fact]
    public void A_stopped_store_stays_stopped_until_it_has_a_new_deadline()
    {
        using var store = new Store(fixture.Engine);
        using var module = Wat.Module(fixture.Engine, """
            (module (import "h" "nest" (func $nest)) (memory (export "m") 1)
              (func (export "spin") (loop $l (br $l))) (func (export "leaf") (result i32) (i32.const 7)) (func (export "outer") (call $nest)))
            """);
        var caught = 0;
        Function spin = default;
        var nest = Host.Action(s =>
        {
            for (var i = 0; i < 3; i++)
            {
                Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => spin.Call(s, [])).Kind);
                caught++;
            }
        });
        var instance = store.Instantiate(module, [store.CreateFunction(nest)]);
        spin = instance.GetFunction(store, "spin");
        store.SetDeadline(Soon);
        // The host function swallows the traps; the guest ends there all the same, or here at the latest.
        instance.GetFunction(store, "outer").Call(store, []);
        Assert.Equal(3, caught);
        var leaf = instance.GetFunction(store, "leaf");
        Assert.Throws<TrapException>(() => leaf.Call(store, new RawValue[1]));
        // So does what comes into the store now.
        var late = Wat.Instantiate(store, """(module (func (export "f") (loop $l (br $l))))""").GetFunction(store, "f");
        Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => late.Call(store, [])).Kind);

        store.SetDeadline(Timeout.InfiniteTimeSpan);
        var slots = new RawValue[1];
        leaf.Call(store, slots);
        Assert.Equal(7, slots[0].I32);
        // The host reads and writes the guest's memory, stopped or not.
        store.SetDeadline(TimeSpan.Zero);
        instance.GetMemory(store, "m").GetSpan(store).Fill(1);
    }

    [Fact]
    public void Another_thread_stops_it_and_a_later_store_of_the_same_slot_is_not_meant()
    {
        var other = new Store(fixture.Engine);
        var spin = Wat.Instantiate(other, """(module (func (export "spin") (loop $l (br $l))))""").GetFunction(other, "spin");
        var stopper = new Thread(() => other.Interrupt());
        stopper.Start();
        Assert.Equal("The guest was stopped.", Assert.Throws<TrapException>(() => spin.Call(other, [])).Message.Split('\n')[0]);
        stopper.Join();
        other.Dispose();

        using var store = new Store(fixture.Engine);
        var function = Wat.Instantiate(store, """(module (func $f (export "f") (param i32) (loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0)))))""").GetFunction(store, "f");
        other.Interrupt();
        function.Call(store, [(RawValue)1000]);
    }

    [Fact]
    public void Faults_of_the_guest_itself_keep_their_kind_when_it_is_stopped_too()
    {
        using var store = new Store(fixture.Engine);
        var instance = Wat.Instantiate(store, """
            (module (import "h" "stop" (func $stop)) (memory 1) (func (export "f") (call $stop) (drop (i32.load offset=65536 (i32.const 0)))))
            """.Replace("""(import "h" "stop" (func $stop))""", "(func $stop)", StringComparison.Ordinal));
        var f = instance.GetFunction(store, "f");
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => f.Call(store, [])).Kind);
        store.Interrupt();
        Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => f.Call(store, [])).Kind);
        store.SetDeadline(Timeout.InfiniteTimeSpan);
        Assert.Equal(TrapKind.MemoryOutOfBounds, Assert.Throws<TrapException>(() => f.Call(store, [])).Kind);
    }

    [Fact]
    public void A_function_with_more_loops_than_a_page_has_bytes_is_stopped_in_each()
    {
        const int Loops = 9000;
        var text = new StringBuilder("(module (func (export \"f\") (param i32)");
        for (var i = 0; i < Loops; i++)
            text.Append(CultureInfo.InvariantCulture, $"(loop $l{i} (br_if $l{i} (i32.eq (local.get 0) (i32.const {i}))))");
        text.Append("))");
        using var module = Wat.Module(fixture.Engine, text.ToString());
        using var store = new Store(fixture.Engine);
        var f = store.Instantiate(module, []).GetFunction(store, "f");
        foreach (var i in new[] { 0, 1, 127, 128, 4094, 4095, 4096, 8191, 8192, Loops - 1 })
        {
            store.SetDeadline(TimeSpan.FromMilliseconds(2));
            Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => f.Call(store, [(RawValue)i])).Kind);
        }
        store.SetDeadline(Timeout.InfiniteTimeSpan);
        f.Call(store, [(RawValue)Loops]);
    }

    [Fact]
    public void Frames_are_those_of_the_users_module()
    {
        const string Text = """
            (module $shop (import "h" "f" (func $h)) (memory 1)
              (func $leaf (param i32) (loop $l (br_if $l (i32.eqz (local.get 0)))) (drop (i32.div_u (i32.const 1) (i32.const 0))))
              (func $middle (param i32) (local i64) (loop (memory.fill (i32.const 0) (i32.const 0) (i32.const 1)) (call $h) (call $leaf (local.get 0))))
              (func $outer (export "run") (param i32) (nop) (call $middle (local.get 0))))
            """;
        WasmFrame[]? expected = null;
        foreach (var kind in new[] { Interruption.None, Interruption.GuardPage })
        {
            using var engine = new WasmEngine(new EngineOptions { Pooling = false, Interruption = kind });
            using var module = Wat.Module(engine, Text);
            using var store = new Store(engine);
            var run = store.Instantiate(module, [store.CreateFunction(Host.Action(_ => { }))]).GetFunction(store, "run");
            var frames = Assert.Throws<TrapException>(() => run.Call(store, [(RawValue)1])).Frames;
            expected ??= [.. frames];
            Assert.Equal(expected, frames);
            Assert.Equal(["leaf", "middle", "outer"], frames.Select(f => f.FunctionName));
            if (kind != Interruption.GuardPage)
                continue;
            // At a check, the frame is that of the instruction that comes next.
            store.SetDeadline(Soon);
            var stopped = Assert.Throws<TrapException>(() => run.Call(store, [(RawValue)0]));
            Assert.Equal(0x20, WatCompiler.Compile(Text)[(int)stopped.Frames[0].ModuleOffset]); // local.get
            Assert.Equal(expected[1..], stopped.Frames.Skip(1));
        }
    }

    [Fact]
    public void Limits_count_the_users_memories_only()
    {
        using var store = new Store(fixture.Engine, new StoreLimits { MaxMemories = 2, MaxMemoryBytes = 65536 });
        const string Text = """(module (memory (export "m") 1) (func (export "f") (loop)))""";
        Wat.Instantiate(store, Text);
        Wat.Instantiate(store, "(module (func (export \"f\") (loop)))");
        Wat.Instantiate(store, Text);
        Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(store, Text));
        using var none = new Store(fixture.Engine, new StoreLimits { MaxMemories = 0, MaxMemoryBytes = 0 });
        Wat.Instantiate(none, """(module (func (export "f") (loop)))""");
    }

    [Fact]
    public void What_was_added_cannot_be_found()
    {
        using var store = new Store(fixture.Engine);
        var instance = Wat.Instantiate(store, """(module (func $f (export "f") (loop)) (start $f))""");
        Assert.False(instance.TryGetExport(store, GuardedCode.MemoryExport, out _));
        Assert.False(instance.TryGetExport(store, GuardedCode.StartExport, out _));
        Assert.True(instance.TryGetExport(store, "f", out _));
    }

    [Fact]
    public void From_the_cache_it_is_stopped_too()
    {
        var directory = Path.Combine(Path.GetTempPath(), "windhover-" + Guid.NewGuid().ToString("N"));
        try
        {
            var wasm = WatCompiler.Compile("""(module $m (func $s (export "spin") (loop $l (br $l))) (func $start) (start $start))""");
            var cache = new CompileCache(directory);
            foreach (var expected in new[] { CacheOutcome.Miss, CacheOutcome.Hit })
            {
                using var module = cache.GetOrCompile(fixture.Engine, wasm, out var outcome);
                Assert.Equal(expected, outcome);
                using var store = new Store(fixture.Engine);
                var spin = store.Instantiate(module, []).GetFunction(store, "spin");
                store.SetDeadline(TimeSpan.Zero);
                var trap = Assert.Throws<TrapException>(() => spin.Call(store, []));
                Assert.Equal((TrapKind.Interrupt, "m", "s"), (trap.Kind, trap.Frames[0].ModuleName, trap.Frames[0].FunctionName));
                Assert.Equal("spin", Assert.Single(module.Exports).Name);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void Options_that_do_not_go_together_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new WasmEngine(new EngineOptions { Interruption = Interruption.GuardPage, Fuel = true }));
        Assert.Throws<ArgumentException>(() => new WasmEngine(new EngineOptions { Interruption = (Interruption)9 }));
        using var engine = new WasmEngine(new EngineOptions { Interruption = Interruption.Epoch, Pooling = false });
        using var store = new Store(engine);
        Assert.Throws<InvalidOperationException>(store.Interrupt);
    }
}
