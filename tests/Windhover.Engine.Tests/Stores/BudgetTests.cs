using System.Diagnostics;

namespace Windhover.Engine.Tests.Stores;

public sealed class BudgetTests(EngineFixture fixture) : IClassFixture<EngineFixture>
{
    private const string Spin = """(module (func (export "spin") (loop $l (br $l))))""";

    [Fact]
    public void A_deadline_interrupts_an_endless_loop_and_not_before()
    {
        using var store = new Store(fixture.Engine);
        var spin = Wat.Instantiate(store, Spin).GetFunction(store, "spin");
        foreach (var timeout in new[] { 0, 5, 40 }.Select(ms => TimeSpan.FromMilliseconds(ms)))
        {
            var watch = Stopwatch.StartNew();
            store.SetDeadline(timeout);
            var trap = Assert.Throws<TrapException>(() => spin.Call(store, []));
            Assert.Equal(TrapKind.Interrupt, trap.Kind);
            Assert.NotEmpty(trap.Frames);
            Assert.InRange(watch.Elapsed, timeout, TimeSpan.FromSeconds(5));
        }
    }

    [Fact]
    public void A_deadline_can_be_taken_away_and_the_clock_wakes_up_again()
    {
        using var store = new Store(fixture.Engine);
        var instance = Wat.Instantiate(store, """
            (module (func (export "count") (param i32) (result i32)
              (loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0))) (local.get 0)))
            """);
        var count = instance.GetFunction(store, "count");
        store.SetDeadline(TimeSpan.Zero);
        store.SetDeadline(Timeout.InfiniteTimeSpan);
        count.Call(store, [(RawValue)10_000_000]);
        store.SetDeadline(TimeSpan.FromMilliseconds(2));
        Assert.Throws<TrapException>(() => count.Call(store, [(RawValue)int.MinValue]));
    }

    [Fact]
    public void A_token_interrupts_from_another_thread()
    {
        using var store = new Store(fixture.Engine);
        var entered = new ManualResetEventSlim();
        using var module = Wat.Module(fixture.Engine, """(module (import "" "entered" (func $e)) (func (export "spin") (call $e) (loop $l (br $l))))""");
        var spin = store.Instantiate(module, [store.CreateFunction(Host.Action(_ => entered.Set()))]).GetFunction(store, "spin");
        using var source = new CancellationTokenSource();
        store.SetDeadline(Timeout.InfiniteTimeSpan, source.Token);
        var canceller = new Thread(() =>
        {
            entered.Wait(TestContext.Current.CancellationToken);
            source.Cancel();
        });
        canceller.Start();

        var trap = Assert.Throws<TrapException>(() => spin.Call(store, []));

        canceller.Join();
        Assert.Equal(TrapKind.Interrupt, trap.Kind);
        Assert.Equal(source.Token, Assert.IsType<OperationCanceledException>(trap.InnerException).CancellationToken);
        Assert.NotEmpty(trap.Frames);

        // The callback stays in the store; a deadline without a token still works through it.
        store.SetDeadline(TimeSpan.FromMilliseconds(3));
        Assert.Null(Assert.Throws<TrapException>(() => spin.Call(store, [])).InnerException);
    }

    [Fact]
    public void A_deadline_with_a_token_keeps_its_time()
    {
        using var store = new Store(fixture.Engine);
        var spin = Wat.Instantiate(store, Spin).GetFunction(store, "spin");
        using var source = new CancellationTokenSource();
        var watch = Stopwatch.StartNew();
        store.SetDeadline(TimeSpan.FromMilliseconds(30), source.Token);
        var trap = Assert.Throws<TrapException>(() => spin.Call(store, []));
        Assert.Equal(TrapKind.Interrupt, trap.Kind);
        Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_deadline_holds_when_the_engine_is_disposed()
    {
        var engine = new WasmEngine(new EngineOptions { MaxInstances = 1, EpochTick = TimeSpan.FromMilliseconds(1) });
        using var store = new Store(engine);
        var spin = Wat.Instantiate(store, Spin).GetFunction(store, "spin");
        store.SetDeadline(TimeSpan.FromMilliseconds(20));
        engine.Dispose();
        Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => spin.Call(store, [])).Kind);
    }

    [Fact]
    public void The_longest_deadlines_do_not_overflow()
    {
        using var store = new Store(fixture.Engine);
        var function = Wat.Instantiate(store, """(module (func (export "f")))""").GetFunction(store, "f");
        foreach (var timeout in new[] { TimeSpan.MaxValue, TimeSpan.FromDays(10_000_000), TimeSpan.FromDays(1) })
        {
            store.SetDeadline(timeout);
            function.Call(store, []);
            using var source = new CancellationTokenSource();
            store.SetDeadline(timeout, source.Token);
            function.Call(store, []);
        }
    }

    [Fact]
    public void Many_deadlines_on_many_threads_hold()
    {
        Parallel.For(0, 8, _ =>
        {
            using var store = new Store(fixture.Engine);
            var spin = Wat.Instantiate(store, Spin).GetFunction(store, "spin");
            for (var i = 0; i < 20; i++)
            {
                var watch = Stopwatch.StartNew();
                store.SetDeadline(TimeSpan.FromMilliseconds(i % 4));
                Assert.Throws<TrapException>(() => spin.Call(store, []));
                Assert.InRange(watch.Elapsed, TimeSpan.FromMilliseconds(i % 4), TimeSpan.FromSeconds(5));
            }
        });
    }

    [Fact]
    public void Fuel_runs_out()
    {
        using var engine = new WasmEngine(new EngineOptions { Fuel = true, Pooling = false });
        using var store = new Store(engine);
        store.SetFuel(1_000_000);
        var work = Wat.Instantiate(store, """
            (module (func (export "work") (param i32)
              (loop $l (local.set 0 (i32.sub (local.get 0) (i32.const 1))) (br_if $l (local.get 0)))))
            """).GetFunction(store, "work");
        work.Call(store, [(RawValue)100]);
        var used = 1_000_000 - store.GetFuel();
        Assert.InRange(used, 100u, 2_000u);

        store.SetFuel(used);
        work.Call(store, [(RawValue)100]);
        Assert.Equal(0u, store.GetFuel());
        store.SetFuel(used / 2);
        Assert.Equal(TrapKind.OutOfFuel, Assert.Throws<TrapException>(() => work.Call(store, [(RawValue)100])).Kind);
    }

    [Fact]
    public void Budgets_that_the_engine_does_not_have_say_so()
    {
        using var engine = new WasmEngine(new EngineOptions { Interruption = Interruption.None, Pooling = false });
        using var store = new Store(engine);
        Assert.Throws<InvalidOperationException>(() => store.SetDeadline(TimeSpan.FromSeconds(1)));
        Assert.Throws<InvalidOperationException>(() => store.SetFuel(1));
        Assert.Throws<InvalidOperationException>(() => store.GetFuel());
        using var other = new Store(fixture.Engine);
        Assert.Throws<ArgumentOutOfRangeException>(() => other.SetDeadline(TimeSpan.FromTicks(-2)));
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(2, -1)]
    public void Memory_grows_to_its_limit_and_no_further(int pages, int expected)
    {
        using var store = new Store(fixture.Engine, new StoreLimits { MaxMemoryBytes = 4 * 65536 - (pages == 3 ? 0 : 1) });
        var memory = Wat.Instantiate(store, """(module (memory (export "m") 1))""").GetMemory(store, "m");
        Assert.Equal(1, memory.Grow(store, 2));
        Assert.Equal(expected, memory.Grow(store, 1));
        Assert.Equal(expected == 3 ? 4u * 65536 : 3u * 65536, memory.Size(store));
        Assert.Equal(-1, memory.Grow(store, ulong.MaxValue));
    }

    [Fact]
    public void Limits_hold_exactly()
    {
        Holds(new StoreLimits { MaxMemoryBytes = 2 * 65536 }, "(module (memory 2))", "(module (memory 3))");
        Holds(new StoreLimits { MaxTableElements = 10 }, "(module (table 10 funcref))", "(module (table 11 funcref))");
        Holds(new StoreLimits { MaxTables = 2 }, "(module (table 1 funcref) (table 1 funcref))", "(module (table 1 funcref) (table 1 funcref) (table 1 funcref))");
        Holds(new StoreLimits { MaxMemories = 0 }, "(module)", "(module (memory 1))");
        Holds(new StoreLimits { MaxInstances = 1 }, "(module)", null);

        void Holds(StoreLimits limits, string allowed, string? refused)
        {
            using var store = new Store(fixture.Engine, limits);
            Wat.Instantiate(store, allowed);
            using var second = new Store(fixture.Engine, limits);
            Assert.Throws<ResourceLimitException>(() => Wat.Instantiate(refused is null ? store : second, refused ?? allowed));
        }
    }

    [Fact]
    public void Negative_limits_are_refused()
    {
        foreach (var limits in new StoreLimits[]
        {
            new() { MaxMemoryBytes = -1 }, new() { MaxTableElements = -1 }, new() { MaxInstances = -1 }, new() { MaxTables = -1 }, new() { MaxMemories = -1 },
        })
            Assert.Throws<ArgumentOutOfRangeException>(() => new Store(fixture.Engine, limits));
    }

    [Fact]
    public void Tables_grow_to_their_limit()
    {
        using var store = new Store(fixture.Engine, new StoreLimits { MaxTableElements = 10 });
        Assert.True(Wat.Instantiate(store, """(module (table (export "t") 8 funcref))""").TryGetExport(store, "t", out var item));
        var table = item.AsTable();
        Assert.Equal(8, table.Grow(store, 2, null));
        Assert.Equal(-1, table.Grow(store, 1, null));
        Assert.Equal(10u, table.Size(store));
    }
}
