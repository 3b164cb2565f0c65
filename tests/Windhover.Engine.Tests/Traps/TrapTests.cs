using System.Runtime.CompilerServices;

namespace Windhover.Engine.Tests.Traps;

public sealed class TrapTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    [Theory]
    [InlineData(TrapKind.Unreachable, "unreachable")]
    [InlineData(TrapKind.MemoryOutOfBounds, "(drop (i32.load (i32.const 65533)))")]
    [InlineData(TrapKind.MemoryOutOfBounds, "(i64.store offset=0xffffffff (i32.const -1) (i64.const 0))")]
    [InlineData(TrapKind.TableOutOfBounds, "(call_indirect (i32.const 2))")]
    [InlineData(TrapKind.IndirectCallToNull, "(call_indirect (i32.const 1))")]
    [InlineData(TrapKind.BadSignature, "(drop (call_indirect (result i32) (i32.const 0)))")]
    [InlineData(TrapKind.IntegerDivisionByZero, "(drop (i32.div_u (i32.const 1) (i32.const 0)))")]
    [InlineData(TrapKind.IntegerOverflow, "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))")]
    [InlineData(TrapKind.BadConversionToInteger, "(drop (i32.trunc_f32_s (f32.const nan)))")]
    [InlineData(TrapKind.StackOverflow, "(call $trap)")]
    [InlineData(TrapKind.UncaughtException, "(throw $tag)")]
    public void Kinds(TrapKind kind, string body)
    {
        using var store = new Store(fixture.Engine);
        var instance = Wat.Instantiate(store, $"""
            (module $m (memory 1) (table 2 funcref) (elem (i32.const 0) $ok) (tag $tag) (func $ok)
              (func $trap (export "trap") {body}) (func (export "ok") (call $ok)))
            """);
        var function = instance.GetFunction(store, "trap");
        for (var i = 0; i < 3; i++)
        {
            var trap = Assert.Throws<TrapException>(() => function.Call(store, []));
            Assert.Equal(kind, trap.Kind);
            Assert.Equal("trap", trap.Frames[0].FunctionName);
            Assert.Equal("m", trap.Frames[0].ModuleName);
        }
        instance.GetFunction(store, "ok").Call(store, []);
    }

    [Fact]
    public void Frames_name_functions_and_give_offsets()
    {
        const string Text = """(module $shop (func $inner unreachable) (func $outer (export "run") (call $inner)))""";
        var wasm = WatCompiler.Compile(Text);
        using var store = new Store(fixture.Engine);
        var function = Wat.Instantiate(store, Text).GetFunction(store, "run");

        var trap = Assert.Throws<TrapException>(() => function.Call(store, []));

        Assert.Equal(["inner", "outer"], trap.Frames.Select(f => f.FunctionName));
        Assert.Equal([0u, 1u], trap.Frames.Select(f => f.FunctionIndex));
        Assert.Equal(0x00, wasm[(int)trap.Frames[0].ModuleOffset]); // unreachable
        Assert.Equal(0x10, wasm[(int)trap.Frames[1].ModuleOffset]); // call
        Assert.Contains("0: 0x", trap.Message, StringComparison.Ordinal);
        Assert.Contains("shop!inner", trap.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_start_function_traps_on_both_roads()
    {
        using var module = Wat.Module(fixture.Engine, """(module (func $start unreachable) (start $start))""");
        using var linker = new Linker(fixture.Engine);
        using var pre = linker.Prepare(module);
        using var store = new Store(fixture.Engine);
        Assert.Equal(TrapKind.Unreachable, Assert.Throws<TrapException>(() => store.Instantiate(module, [])).Kind);
        Assert.Equal("start", Assert.Throws<TrapException>(() => pre.Instantiate(store)).Frames[0].FunctionName);
        Assert.Equal(
            TrapKind.MemoryOutOfBounds,
            Assert.Throws<TrapException>(() => Wat.Instantiate(store, """(module (memory 1) (data (i32.const 65536) "x"))""")).Kind);
    }

    [Fact]
    public void An_exception_passes_three_levels_of_guests()
    {
        // host 0 → guest → host 1 → guest → host 2 → guest → host 3, which throws.
        using var store = new Store(fixture.Engine);
        using var module = Wat.Module(fixture.Engine, """
            (module $m (import "" "next" (func $next (param i32))) (func $level (export "run") (param i32) (call $next (local.get 0))))
            """);
        Func<Exception> create = null!;
        Function run = default;
        run = store.Instantiate(module, [store.CreateFunction(new Host(new([ValueKind.I32], []), (s, values) =>
        {
            if (values[0].I32 == 3)
                throw create();
            run.Call(s, [(RawValue)(values[0].I32 + 1)]);
        }))]).GetFunction(store, "run");

        var other = new InvalidOperationException("other");
        create = () => other;
        var wrapped = Assert.Throws<TrapException>(() => run.Call(store, [(RawValue)1]));
        Assert.Equal(TrapKind.Host, wrapped.Kind);
        Assert.Same(other, wrapped.InnerException);
        Assert.Equal(["level", "level", "level"], wrapped.Frames.Select(f => f.FunctionName));
        Assert.Contains(nameof(An_exception_passes_three_levels_of_guests), other.StackTrace, StringComparison.Ordinal);

        var own = new TrapException(TrapKind.Unreachable, "own");
        create = () => own;
        Assert.Same(own, Assert.Throws<TrapException>(() => run.Call(store, [(RawValue)1])));
        Assert.Equal(3, own.Frames.Count);

        var unwind = new Leave();
        create = () => unwind;
        Assert.Same(unwind, Assert.Throws<Leave>(() => run.Call(store, [(RawValue)1])));
    }

    [Fact]
    public void A_host_function_can_catch_the_trap_of_its_guest()
    {
        using var store = new Store(fixture.Engine);
        var boom = Wat.Instantiate(store, """(module (func (export "f") unreachable))""").GetFunction(store, "f");
        var caught = 0;
        using var module = Wat.Module(fixture.Engine, """
            (module (import "" "h" (func $h)) (func (export "f") (result i32) (call $h) (call $h) (i32.const 9)))
            """);
        var function = store.Instantiate(module, [store.CreateFunction(Host.Action(s =>
        {
            Assert.Throws<TrapException>(() => boom.Call(s, []));
            caught++;
        }))]).GetFunction(store, "f");
        var values = new RawValue[1];
        function.Call(store, values);
        Assert.Equal(9, values[0].I32);
        Assert.Equal(2, caught);
    }

    [Fact]
    public void Guest_and_host_recursion_ends_in_a_trap()
    {
        using var store = new Store(fixture.Engine);
        using var module = Wat.Module(fixture.Engine, """(module (import "" "h" (func $h)) (func (export "f") (call $h)))""");
        Function run = default;
        var depth = 0;
        run = store.Instantiate(module, [store.CreateFunction(Host.Action(s =>
        {
            depth++;
            run.Call(s, []);
        }))]).GetFunction(store, "f");

        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(() => run.Call(store, [])), 1024 * 1024);
        thread.Start();
        thread.Join();

        Assert.Equal(TrapKind.StackOverflow, Assert.IsType<TrapException>(thrown).Kind);
        Assert.True(depth > 100, $"{depth} levels");
    }

    [Fact]
    public void Recursion_through_ever_new_stores_ends_in_a_trap()
    {
        using var module = Wat.Module(fixture.Engine, """(module (import "" "h" (func $h)) (func (export "f") (call $h)))""");
        var depth = 0;
        void Nest()
        {
            depth++;
            using var store = new Store(fixture.Engine);
            store.Instantiate(module, [store.CreateFunction(Host.Action(_ => Nest()))]).GetFunction(store, "f").Call(store, []);
        }

        // The pool (100 slots) is not what stops it: each level leaves less of the stack.
        Exception? thrown = null;
        var thread = new Thread(() => thrown = WithLittleStack(600 * 1024, Nest), 1024 * 1024);
        thread.Start();
        thread.Join();

        Assert.Equal(TrapKind.StackOverflow, Assert.IsType<TrapException>(thrown).Kind);
        Assert.InRange(depth, 2, 99);
    }

    [Fact]
    public void A_thread_with_too_small_a_stack_is_refused()
    {
        using var store = new Store(fixture.Engine);
        var function = Wat.Instantiate(store, """(module (func $f (export "f") (call $f)))""").GetFunction(store, "f");
        Exception? thrown = null;
        bool? hasStack = null;
        var thread = new Thread(
            () => thrown = WithLittleStack(
                fixture.Engine.Options.MaxWasmStackBytes,
                () =>
                {
                    hasStack = fixture.Engine.HasStackForGuest();
                    function.Call(store, []);
                }),
            1024 * 1024);
        thread.Start();
        thread.Join();
        Assert.IsType<InsufficientExecutionStackException>(thrown);
        Assert.False(hasStack);

        var large = new Thread(() => hasStack = fixture.Engine.HasStackForGuest(), 8 * 1024 * 1024);
        large.Start();
        large.Join();
        Assert.True(hasStack);

        // The store is as good as before.
        Assert.Equal(TrapKind.StackOverflow, Assert.Throws<TrapException>(() => function.Call(store, [])).Kind);
    }

    /// <summary>
    /// Runs an action so deep in the thread's stack that a guest with that limit is just refused there. The size with which the thread was made
    /// does not tell: glibc hands out stacks of earlier, larger threads again.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Exception? WithLittleStack(int limit, Action action)
    {
        Span<byte> block = stackalloc byte[16 * 1024];
        block[^1] = 1;
        return Record.Exception(() => StackGuard.Ensure(limit)) is null ? WithLittleStack(limit, action) : Record.Exception(action);
    }

    private sealed class Leave() : UnwindException("leave");
}
