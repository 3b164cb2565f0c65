using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Windhover.Engine.Tests.Engine;

/// <summary>Traps, managed faults, host calls and deadlines on several threads while the GC stops and moves everything.</summary>
public sealed class StressTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(6);

    [Fact]
    public void Traps_and_faults_survive_the_garbage_collector()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 50, EpochTick = TimeSpan.FromMilliseconds(1), MaxWasmStackBytes = 128 * 1024 });
        using var module = Wat.Module(engine, """
            (module
              (import "h" "boom" (func $boom (param i32) (result i32)))
              (memory (export "memory") 1 100) (tag $t (param i32))
              (func (export "oob") (param i32) (result i32) (i32.load (i32.const 0x7fffffff)))
              (func (export "unreachable") (param i32) (result i32) unreachable)
              (func $so (export "overflow") (param i32) (result i32) (i32.add (i32.const 1) (call $so (local.get 0))))
              (func (export "spin") (param i32) (result i32) (loop $l (br $l)) (i32.const 0))
              (func (export "divide") (param i32) (result i32) (i32.div_s (i32.const 1) (i32.const 0)))
              (func (export "throw") (param i32) (result i32) (throw $t (i32.const 1)))
              (func (export "catch") (param i32) (result i32) (block $h (result i32) (try_table (catch $t $h) (throw $t (local.get 0))) (i32.const 0)))
              (func (export "grow") (param i32) (result i32) (memory.grow (i32.const 1)))
              (func (export "host") (param i32) (result i32) (call $boom (local.get 0))))
            """);
        using var linker = new Linker(engine);
        linker.Define("h", "boom", new Host(new([ValueKind.I32], [ValueKind.I32]), (_, values) => values[0].I32 = values[0].I32 switch
        {
            1 => Dereference(null),
            2 => Divide(1, 0),
            var x => new string('x', x).Length,
        }));
        using var pre = linker.Prepare(module);
        (string Name, TrapKind? Kind)[] cases =
        [
            ("oob", TrapKind.MemoryOutOfBounds), ("unreachable", TrapKind.Unreachable), ("overflow", TrapKind.StackOverflow),
            ("divide", TrapKind.IntegerDivisionByZero), ("throw", TrapKind.UncaughtException), ("catch", null), ("grow", null), ("host", TrapKind.Host),
        ];

        var watch = Stopwatch.StartNew();
        var failures = 0;
        var rounds = 0;
        var workers = Enumerable.Range(0, 3).Select(seed => new Thread(() => Work(seed)) { IsBackground = true }).ToList();
        workers.ForEach(w => w.Start());
        var random = new Random(1);
        while (workers.Exists(w => w.IsAlive))
        {
            var garbage = new List<byte[]>();
            for (var i = 0; i < 500; i++)
                garbage.Add(new byte[random.Next(16, 4000)]);
            GC.Collect(random.Next(0, 3), GCCollectionMode.Forced, blocking: true, compacting: random.Next(2) == 0);
            Assert.True(watch.Elapsed < Duration * 5, "The workers hang.");
        }
        Assert.Equal(0, failures);
        Assert.True(rounds > 100, $"{rounds} rounds");

        void Work(int seed)
        {
            var mine = new Random(seed);
            while (watch.Elapsed < Duration)
            {
                using var store = new Store(engine, new StoreLimits { MaxMemoryBytes = 10 << 20 });
                store.SetDeadline(TimeSpan.FromSeconds(30));
                var instance = pre.Instantiate(store);
                for (var i = 0; i < 5; i++)
                {
                    var (name, kind) = cases[mine.Next(cases.Length)];
                    Expect(instance, store, name, mine.Next(1, 3), kind);
                }
                if (mine.Next(10) == 0)
                {
                    store.SetDeadline(TimeSpan.FromMilliseconds(2));
                    Expect(instance, store, "spin", 0, TrapKind.Interrupt);
                }
                Assert.Throws<NullReferenceException>(() => Dereference(null));
                Assert.Throws<DivideByZeroException>(() => Divide(1, 0));
                Interlocked.Increment(ref rounds);
            }
        }

        void Expect(Instance instance, Store store, string name, int argument, TrapKind? kind)
        {
            try
            {
                Span<RawValue> slots = [argument];
                instance.GetFunction(store, name).Call(store, slots);
                if (kind is not null)
                    Interlocked.Increment(ref failures);
            }
            catch (TrapException trap)
            {
                if (trap.Kind != kind)
                    Interlocked.Increment(ref failures);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Dereference(string? text) => text!.Length;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Divide(int a, int b) => a / b;
}
