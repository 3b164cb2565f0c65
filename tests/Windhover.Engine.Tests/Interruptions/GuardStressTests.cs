using System.Collections.Concurrent;
using System.Diagnostics;

namespace Windhover.Engine.Tests.Interruptions;

/// <summary>
/// Guests that are stopped while their stores come and go, on two threads and four slots, under a collector that never rests. A page that is still protected when
/// its slot is cleared ends the process; one that is protected for the slot's next guest stops the wrong one. (<c>interruption kills</c> of the
/// benchmarks does a million.)
/// </summary>
public sealed class GuardStressTests
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(4);

    [Fact]
    public void Nobody_is_stopped_but_who_is_meant()
    {
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 16 });
        using var module = Wat.Module(engine, """
            (module (memory 1) (func (export "spin") (loop $l (i32.store (i32.const 4) (i32.const 1)) (br $l)))
              (func (export "work") (param i32) (result i32) (local i32)
                (loop $l (local.set 1 (i32.add (local.get 1) (i32.load (i32.const 4)))) (br_if $l (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1)))
            """);
        using var linker = new Linker(engine);
        using var pre = linker.Prepare(module);
        using var stores = new BlockingCollection<Store>();
        var stopper = new Thread(() =>
        {
            foreach (var store in stores.GetConsumingEnumerable())
                store.Interrupt();
        });
        stopper.Start();
        var watch = Stopwatch.StartNew();
        Exception? failure = null;
        int stopped = 0, worked = 0;
        var workers = Enumerable.Range(0, 2).Select(seed => new Thread(() =>
        {
            try
            {
                Work(new Random(seed));
            }
            catch (Exception exception)
            {
                Volatile.Write(ref failure, exception);
            }
        })).ToList();
        workers.ForEach(w => w.Start());
        // A moment between two: collections one upon the other leave the workers no time on a busy machine.
        while (workers.Exists(w => !w.Join(1)))
            GC.Collect(watch.ElapsedTicks % 5 == 0 ? 2 : 0, GCCollectionMode.Forced, blocking: true);
        stores.CompleteAdding();
        stopper.Join();
        Assert.Null(failure);
        Assert.Equal(0, engine.LiveInstances);
        Assert.True(stopped > 50 && worked > 50, $"{stopped} stopped, {worked} worked");

        void Work(Random random)
        {
            while (watch.Elapsed < Duration)
            {
                var victim = new Store(engine);
                var instance = pre.Instantiate(victim);
                switch (random.Next(4))
                {
                    case 0:
                        stores.Add(victim);
                        break;
                    case 1:
                        victim.SetDeadline(TimeSpan.FromMicroseconds(random.Next(1500)));
                        break;
                    case 2:
                        using (var source = new CancellationTokenSource())
                        {
                            victim.SetDeadline(Timeout.InfiniteTimeSpan, source.Token);
                            source.Cancel();
                        }
                        break;
                    default:
                        victim.Interrupt();
                        break;
                }
                Assert.Equal(TrapKind.Interrupt, Assert.Throws<TrapException>(() => instance.GetFunction(victim, "spin").Call(victim, [])).Kind);
                Interlocked.Increment(ref stopped);
                victim.Dispose();
                // Too late: neither is meant for who has the slot now.
                stores.Add(victim);
                victim.Interrupt();

                using var innocent = new Store(engine);
                innocent.SetDeadline(TimeSpan.FromMinutes(5));
                var slots = new RawValue[1];
                slots[0] = 20_000;
                pre.Instantiate(innocent).GetFunction(innocent, "work").Call(innocent, slots);
                Assert.Equal(0, slots[0].I32);
                Interlocked.Increment(ref worked);
            }
        }
    }
}
