using System.Globalization;

namespace Windhover.Engine.Tests.Engine;

public sealed class PoolTests
{
    // Of the default options: a memory, a heap of exceptions, and on Linux a guard.
    private static readonly int PerInstance = OperatingSystem.IsLinux() ? 7 : 5;

    [Fact]
    public void A_full_pool_refuses_clearly_and_recovers()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 5 });
        using var module = Wat.Module(engine, """(module (memory 1) (table 1 funcref))""");
        var stores = Enumerable.Range(0, 5).Select(_ => new Store(engine)).ToList();
        stores.ForEach(s => s.Instantiate(module, []));

        using var one = new Store(engine);
        Assert.Contains("limit of 5", Assert.Throws<ResourceLimitException>(() => one.Instantiate(module, [])).Message, StringComparison.Ordinal);
        Assert.Equal(5, engine.LiveInstances);
        stores[0].Dispose();
        one.Instantiate(module, []);
        Assert.Throws<ResourceLimitException>(() => one.Instantiate(module, []));

        stores.ForEach(s => s.Dispose());
    }

    [Fact]
    public void Exceptions_of_all_guests_have_room()
    {
        // Each store that throws needs a heap of its own besides the memory of its instance.
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 5 });
        using var module = Wat.Module(engine, """
            (module (memory 1) (tag $t (param i32))
              (func (export "f") (result i32) (block $h (result i32) (try_table (catch $t $h) (throw $t (i32.const 7))) (i32.const 0))))
            """);
        var stores = Enumerable.Range(0, 5).Select(_ => new Store(engine)).ToList();
        foreach (var store in stores)
        {
            var slots = new RawValue[1];
            store.Instantiate(module, []).GetFunction(store, "f").Call(store, slots);
            Assert.Equal(7, slots[0].I32);
        }
        stores.ForEach(s => s.Dispose());
    }

    [Fact]
    public void Options_out_of_range_are_refused_before_the_engine_is_made()
    {
        foreach (var options in new EngineOptions[]
        {
            new() { MaxInstances = 0 }, new() { MaxMemoryBytes = 1 }, new() { MaxMemoryBytes = (1L << 32) + 65536 }, new() { MaxTableElements = 0 },
            new() { EpochTick = TimeSpan.Zero }, new() { EpochTick = TimeSpan.FromSeconds(2) }, new() { MaxWasmStackBytes = 1 },
            new() { MaxMemoriesPerModule = 0 }, new() { MaxTablesPerModule = 0 }, new() { KeepResidentBytes = -1 },
        })
            Assert.Contains("EngineOptions.", Assert.Throws<ArgumentException>(() => new WasmEngine(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_that_the_machine_cannot_hold_is_refused()
    {
        if (!OperatingSystem.IsLinux())
            return;
        var tooMany = Assert.Throws<ResourceLimitException>(() => new WasmEngine(new EngineOptions { MaxInstances = MachineLimits.Maps / PerInstance + 1 }));
        Assert.Contains("vm.max_map_count", tooMany.Message, StringComparison.Ordinal);
        var half = new EngineOptions { MaxInstances = Math.Min(6000, MachineLimits.Maps / PerInstance) };
        using var first = new WasmEngine(half);
        var tooLarge = Assert.Throws<ResourceLimitException>(() => new WasmEngine(half));
        Assert.Contains("address space", tooLarge.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maps_are_charged_by_the_high_water_mark_of_each_pool()
    {
        var before = MachineLimits.ChargedMaps;
        var engine = new WasmEngine(new EngineOptions { MaxInstances = 10 });
        using var module = Wat.Module(engine, "(module (memory 1))");
        Use(3);
        Use(5);
        Use(2);
        Assert.Equal(before + 5 * PerInstance, MachineLimits.ChargedMaps);

        var last = new Store(engine);
        last.Instantiate(module, []);
        engine.Dispose();
        Assert.Equal(before + PerInstance, MachineLimits.ChargedMaps);
        last.Dispose();
        Assert.Equal(before, MachineLimits.ChargedMaps);

        void Use(int count)
        {
            var stores = Enumerable.Range(0, count).Select(_ => new Store(engine)).ToList();
            stores.ForEach(s => s.Instantiate(module, []));
            stores.ForEach(s => s.Dispose());
        }
    }

    [Fact]
    public void Without_a_pool_maps_are_given_back_at_once()
    {
        var before = MachineLimits.ChargedMaps;
        using var engine = new WasmEngine(new EngineOptions { Pooling = false, Exceptions = false });
        var store = new Store(engine);
        Wat.Instantiate(store, "(module (memory 1))");
        Wat.Instantiate(store, "(module (memory 1))");
        Assert.Throws<TrapException>(() => Wat.Instantiate(store, "(module (func $s unreachable) (start $s))"));
        Assert.Equal(before + 2 * (PerInstance - 2), MachineLimits.ChargedMaps);
        store.Dispose();
        Assert.Equal(before, MachineLimits.ChargedMaps);
    }

    [Fact]
    public void The_machine_runs_out_of_maps_with_an_exception_only()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 10 });
        using var module = Wat.Module(engine, "(module (memory 1))");
        var rest = MachineLimits.Maps - MachineLimits.ChargedMaps - 2 * PerInstance;
        Assert.True(MachineLimits.TryCharge(rest));
        try
        {
            using Store one = new(engine), two = new(engine), three = new(engine);
            one.Instantiate(module, []);
            two.Instantiate(module, []);
            Assert.Contains("vm.max_map_count", Assert.Throws<ResourceLimitException>(() => three.Instantiate(module, [])).Message, StringComparison.Ordinal);
            two.Dispose();
            three.Instantiate(module, []);
        }
        finally
        {
            MachineLimits.Release(rest);
        }
    }

    [Fact]
    public void Extreme_options_that_are_allowed_work()
    {
        foreach (var options in new EngineOptions[]
        {
            new() { Pooling = false, MaxWasmStackBytes = 256 * 1024 * 1024 }, new() { MaxInstances = 1, MaxMemoryBytes = 65536, KeepResidentBytes = 0 },
            new() { MaxInstances = 3, MaxMemoriesPerModule = 5, MaxTableElements = 10_000_000, Exceptions = false },
            new()
            {
                Pooling = false, Fuel = true, CanonicalizeNaN = true, DeterministicRelaxedSimd = true, GarbageCollection = true, Threads = true,
                WideArithmetic = true, ParallelCompilation = false, Interruption = Interruption.None, Exceptions = false, Memory64 = false, MultiMemory = false,
                TailCalls = false,
            },
        })
        {
            Exception? thrown = null;
            var thread = new Thread(() => thrown = Record.Exception(() => Use(options)), 300 * 1024 * 1024);
            thread.Start();
            thread.Join();
            Assert.Null(thrown);
        }

        static void Use(EngineOptions options)
        {
            using var engine = new WasmEngine(options);
            using var store = new Store(engine);
            if (options.Fuel)
                store.SetFuel(1000);
            Wat.Instantiate(store, "(module (memory 1))");
        }
    }

    [Fact]
    public void Slots_come_back_clean()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 1 });
        using var module = Wat.Module(engine, """(module (memory (export "m") 4 8) (data (i32.const 100) "image"))""");
        for (var i = 0; i < 20; i++)
        {
            using var store = new Store(engine);
            var memory = store.Instantiate(module, []).GetMemory(store, "m");
            Assert.Equal(4 * 65536u, memory.Size(store));
            var span = memory.GetSpan(store);
            Assert.Equal("image"u8, span.Slice(100, 5));
            Assert.Equal(-1, span[..100].IndexOfAnyExcept((byte)0));
            Assert.Equal(-1, span[105..].IndexOfAnyExcept((byte)0));
            span.Fill(0xff);
            Assert.Equal(4, memory.Grow(store, 4));
            memory.GetSpan(store)[^1] = 1;
        }
    }

    [Fact]
    public void Ten_thousand_instances_leave_maps_and_memory_flat()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 50 });
        using var module = Wat.Module(engine, """
            (module (memory (export "m") 17) (data (i32.const 100) "image") (table 10 funcref)
              (func (export "f") (i32.store (i32.const 70000) (i32.const 1)) (i32.store (i32.const 1000000) (i32.const 1))))
            """);
        using var linker = new Linker(engine);
        using var pre = linker.Prepare(module);
        Loop(1000);
        (var maps, var resident) = Measure();

        Loop(10_000);

        (var mapsAfter, var residentAfter) = Measure();
        Assert.InRange(mapsAfter - maps, -1000, 100);
        Assert.InRange(residentAfter - resident, long.MinValue, 20 << 20);

        void Loop(int count)
        {
            for (var i = 0; i < count; i++)
            {
                using var store = new Store(engine);
                store.SetDeadline(TimeSpan.FromSeconds(10));
                pre.Instantiate(store).GetFunction(store, "f").Call(store, []);
            }
        }

    }

    // What a thread's end has to leave as it was: see SignalStack. A retiring pool thread of a server that runs for weeks is one.
    [Fact]
    public void Threads_that_ran_a_guest_and_ended_leave_no_maps_behind()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 10 });
        using var module = Wat.Module(engine, """(module (func (export "trap") (drop (i32.load (i32.const 0)))) (memory 0))""");
        using var linker = new Linker(engine);
        using var pre = linker.Prepare(module);
        Loop(50);
        var before = Measure().Maps;

        Loop(300);

        Assert.InRange(Measure().Maps - before, -1000, 100);

        void Loop(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var thread = new Thread(Trap);
                thread.Start();
                thread.Join();
            }
        }

        void Trap()
        {
            using var store = new Store(engine);
            var function = pre.Instantiate(store).GetFunction(store, "trap");
            Assert.Throws<TrapException>(() => function.Call(store, []));
        }
    }

    private static (int Maps, long Resident) Measure()
    {
        GC.Collect();
        var pages = long.Parse(File.ReadAllText("/proc/self/statm").Split(' ')[1], CultureInfo.InvariantCulture);
        return (File.ReadLines("/proc/self/maps").Count(), pages * Environment.SystemPageSize);
    }
}
