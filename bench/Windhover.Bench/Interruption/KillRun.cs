using System.Diagnostics;
using System.Globalization;
using Windhover.Engine;

namespace Windhover.Bench.Interruption;

// Kill and reuse: guests are killed by every budget that kills, on all cores, from a small pool, while the garbage collector stops and moves everything.
// Each slot is used again at once; between kills, and at the end in every slot at the same time, guests compute what is checked. In the end the pool is what
// it was: no live instance, no more maps, no more memory.
internal static class KillRun
{
    private const int Slots = 24;
    private const int Answer = 499_999_500;
    private const string Text = """
        (module
          (memory (export "m") 2 16) (data (i32.const 100) "image") (table 10 100 funcref) (global $g (mut i32) (i32.const 5))
          (func $dirty (memory.fill (i32.const 0) (i32.const 255) (i32.const 131072)) (global.set $g (i32.const 6)) (drop (table.grow (ref.null func) (i32.const 5))))
          (func (export "spin") (call $dirty) (loop $l (br $l)))
          (func (export "stores") (call $dirty) (loop $l (i32.store (i32.const 8) (i32.const 1)) (br $l)))
          (func (export "nested") (call $dirty) (loop $a (loop $b (br_if $b (i32.const 0))) (br $a)))
          (func $tail (export "tail") (return_call $tail))
          (func $deep (export "deep") (call $deep) (drop (i32.const 1)))
          (func (export "memory") (call $dirty) (loop $l (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)) (br $l)))
          (func (export "check") (result i32) (local $i i32) (local $s i32)
            (if (i32.or (i32.ne (i32.load (i32.const 100)) (i32.const 0x67616d69)) (i32.ne (memory.size) (i32.const 2))) (then (return (i32.const -1))))
            (if (i32.or (i32.load (i32.const 8)) (i32.load (i32.const 131068))) (then (return (i32.const -2))))
            (if (i32.or (i32.ne (global.get $g) (i32.const 5)) (i32.ne (table.size) (i32.const 10))) (then (return (i32.const -3))))
            (loop $l (local.set $s (i32.add (local.get $s) (i32.rem_u (local.get $i) (i32.const 1000))))
              (local.set $i (i32.add (local.get $i) (i32.const 1))) (br_if $l (i32.lt_u (local.get $i) (i32.const 1000))))
            (i32.mul (local.get $s) (i32.const 1001))))
        """;

    private static readonly string[] s_endless = ["spin", "stores", "nested", "tail"];

    public static int Run(int kills)
    {
        // Fuel needs an engine of its own (guard pages do not go with it); one kill in 16 is one of those.
        using var guarded = new Pool(new EngineOptions { MaxInstances = Slots, Interruption = Engine.Interruption.Automatic, MaxWasmStackBytes = 64 * 1024 });
        using var fueled = new Pool(new EngineOptions { MaxInstances = Slots, Fuel = true, MaxWasmStackBytes = 64 * 1024 });
        Work(guarded, fueled, Math.Min(kills / 10, 20_000), seed: 99);
        guarded.CheckAllSlots();
        fueled.CheckAllSlots();
        Held before = Measure();
        int instances = guarded.Live + fueled.Live;

        long start = Stopwatch.GetTimestamp();
        int[] counts = Work(guarded, fueled, kills, seed: 1);
        TimeSpan took = Stopwatch.GetElapsedTime(start);
        guarded.CheckAllSlots();
        fueled.CheckAllSlots();
        Held after = Measure();

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{counts.Sum():N0} kills in {took.TotalSeconds:0} s on {Environment.ProcessorCount} threads, {GC.CollectionCount(0)} collections: "
            + $"{counts[0]:N0} by a deadline, {counts[1]:N0} from another thread, {counts[2]:N0} by the stack, {counts[3]:N0} by memory, {counts[4]:N0} by fuel"));
        Console.WriteLine("wrong answers: 0 (each slot, and one in 8 guests between kills)");
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"live instances {instances} → {guarded.Live + fueled.Live}, maps {before.Maps} → {after.Maps}, resident {before.Resident >> 20} → {after.Resident >> 20} MiB, "
            + $"files {before.Files} → {after.Files}, threads {before.Threads} → {after.Threads}"));
        return guarded.Live + fueled.Live == 0 && after.Maps - before.Maps < 200 && after.Resident - before.Resident < 30 << 20
            && after.Files - before.Files <= 2 && after.Threads - before.Threads <= 4 ? 0 : 1;
    }

    private static int[] Work(Pool guarded, Pool fueled, int kills, int seed)
    {
        int[] counts = new int[5];
        int left = kills;
        bool stop = false;
        var collector = new Thread(() =>
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref stop))
            {
                GC.Collect(random.Next(3) == 0 ? 1 : 0, GCCollectionMode.Forced, blocking: true, compacting: random.Next(2) == 0);
                Thread.Sleep(random.Next(1, 20));
            }
        })
        { IsBackground = true };
        collector.Start();
        using var stopper = new Stopper();
        Exception? failure = null;
        Thread[] workers = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(i => new Thread(
            () =>
            {
                try
                {
                    var random = new Random(seed * 100 + i);
                    while (Interlocked.Decrement(ref left) >= 0 && Volatile.Read(ref failure) is null)
                        Interlocked.Increment(ref counts[Kill(guarded, fueled, stopper, random)]);
                }
                catch (Exception exception)
                {
                    Volatile.Write(ref failure, exception);
                }
            },
            1 << 20))];
        foreach (Thread worker in workers)
            worker.Start();
        foreach (Thread worker in workers)
            worker.Join();
        Volatile.Write(ref stop, true);
        collector.Join();
        if (failure is not null)
            throw new InvalidOperationException("A guest was not killed as it should be, or a slot gave a wrong answer.", failure);
        return counts;
    }

    private static int Kill(Pool guarded, Pool fueled, Stopper stopper, Random random)
    {
        if (random.Next(8) == 0)
            guarded.Check();
        switch (random.Next(16))
        {
            case 0:
                using (Store store = fueled.CreateStore())
                {
                    store.SetFuel((ulong)random.Next(100, 5000));
                    Expect(fueled, store, s_endless[random.Next(s_endless.Length)], TrapKind.OutOfFuel);
                }

                return 4;
            case 1:
                using (Store store = guarded.CreateStore())
                    Expect(guarded, store, "deep", TrapKind.StackOverflow);
                return 2;
            case 2:
                using (Store store = guarded.CreateStore())
                    Expect(guarded, store, "memory", TrapKind.Unreachable);
                return 3;
            case < 9:
                using (Store store = guarded.CreateStore())
                {
                    // Past already, soon, or a millisecond.
                    store.SetDeadline(TimeSpan.FromMicroseconds(random.Next(8) == 0 ? random.Next(600) : 0));
                    Expect(guarded, store, s_endless[random.Next(s_endless.Length)], TrapKind.Interrupt);
                }

                return 0;
            default:
                // Before it runs, while it starts, while it runs, or after the store is gone.
                Store other = guarded.CreateStore();
                stopper.Post(other);
                Expect(guarded, other, s_endless[random.Next(s_endless.Length)], TrapKind.Interrupt);
                other.Interrupt();
                other.Dispose();
                stopper.Post(other);
                return 1;
        }
    }

    private static void Expect(Pool pool, Store store, string name, TrapKind kind)
    {
        try
        {
            pool.Instantiate(store).GetFunction(store, name).Call(store, []);
        }
        catch (TrapException trap) when (trap.Kind == kind)
        {
            return;
        }

        throw new InvalidOperationException($"{name} was not ended by {kind}.");
    }

    private static Held Measure()
    {
        // Aggressive: the collector gives back the regions that it keeps for later, each two maps.
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        using var process = Process.GetCurrentProcess();
        bool linux = OperatingSystem.IsLinux();
        return new Held(
            linux ? File.ReadLines("/proc/self/maps").Count() : 0, process.WorkingSet64, linux ? Directory.GetFileSystemEntries("/proc/self/fd").Length : 0, process.Threads.Count);
    }

    private readonly record struct Held(long Maps, long Resident, int Files, int Threads);

    /// <summary>A thread that interrupts the stores it is given.</summary>
    private sealed class Stopper : IDisposable
    {
        private readonly System.Collections.Concurrent.BlockingCollection<Store> _stores = [];
        private readonly Thread _thread;

        public Stopper()
        {
            _thread = new Thread(() =>
            {
                foreach (Store store in _stores.GetConsumingEnumerable())
                    store.Interrupt();
            })
            { IsBackground = true };
            _thread.Start();
        }

        public void Post(Store store) => _stores.Add(store);

        public void Dispose()
        {
            _stores.CompleteAdding();
            _thread.Join();
            _stores.Dispose();
        }
    }

    private sealed class Pool : IDisposable
    {
        private readonly WasmEngine _engine;
        private readonly Module _module;
        private readonly Linker _linker;
        private readonly InstancePre _pre;

        public Pool(EngineOptions options)
        {
            _engine = new WasmEngine(options);
            _module = Module.Compile(_engine, WatCompiler.Compile(Text));
            _linker = new Linker(_engine);
            _pre = _linker.Prepare(_module);
        }

        public int Live => _engine.LiveInstances;

        public Store CreateStore() => new(_engine, new StoreLimits { MaxMemoryBytes = 8 * 65536 });

        public Instance Instantiate(Store store) => _pre.Instantiate(store);

        public void Check()
        {
            using Store store = CreateStore();
            Check(store);
        }

        public void CheckAllSlots()
        {
            List<Store> stores = [.. Enumerable.Range(0, Slots).Select(_ => CreateStore())];
            stores.ForEach(Check);
            stores.ForEach(s => s.Dispose());
        }

        public void Dispose()
        {
            _pre.Dispose();
            _linker.Dispose();
            _module.Dispose();
            _engine.Dispose();
        }

        private void Check(Store store)
        {
            if (_engine.Options.Fuel)
                store.SetFuel(1_000_000);
            Span<RawValue> slots = stackalloc RawValue[1];
            Instantiate(store).GetFunction(store, "check").Call(store, slots);
            if (slots[0].I32 != Answer)
                throw new InvalidOperationException($"A slot that was used before gave {slots[0].I32} instead of {Answer}.");
        }
    }
}
