using System.Diagnostics;
using System.Globalization;
using Windhover.Engine;

namespace Windhover.Bench.Interruption;

// How long after its deadline an endless loop is stopped, while other threads keep every core busy. Guard pages and epochs take turns.
internal static class StopRun
{
    private const int Stops = 400;
    private const string Spin = """(module (memory 1) (func (export "idle") (loop $l (br $l))) (func (export "stores") (loop $l (i32.store (i32.const 8) (i32.const 1)) (br $l))))""";

    public static int Run()
    {
        bool stop = false;
        Thread[] burners = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
                Thread.SpinWait(1000);
        })
        { IsBackground = true })];
        foreach (Thread burner in burners)
            burner.Start();
        Engine.Interruption[] kinds = [Engine.Interruption.GuardPage, Engine.Interruption.Epoch];
        WasmEngine[] engines = [.. kinds.Select(k => new WasmEngine(new EngineOptions { MaxInstances = 4, Interruption = k }))];
        Module[] modules = [.. engines.Select(e => Module.Compile(e, WatCompiler.Compile(Spin)))];
        List<double>[] late = [[], []];
        var random = new Random(1);
        for (int i = 0; i < Stops; i++)
        {
            for (int k = 0; k < kinds.Length; k++)
            {
                using var store = new Store(engines[k]);
                Function spin = store.Instantiate(modules[k], []).GetFunction(store, i % 2 == 0 ? "idle" : "stores");
                TimeSpan timeout = TimeSpan.FromMilliseconds(1 + random.NextDouble() * 30);
                long start = Stopwatch.GetTimestamp();
                store.SetDeadline(timeout);
                try
                {
                    spin.Call(store, []);
                }
                catch (TrapException trap) when (trap.Kind == TrapKind.Interrupt)
                {
                }

                late[k].Add((Stopwatch.GetElapsedTime(start) - timeout).TotalMilliseconds);
            }
        }

        Volatile.Write(ref stop, true);
        Console.WriteLine($"{Stops} stops each, {burners.Length} other threads busy on {Environment.ProcessorCount} cores\n");
        Console.WriteLine("| stopped by | median | p99 | latest | earliest |\n| --- | --- | --- | --- | --- |");
        for (int k = 0; k < kinds.Length; k++)
        {
            double[] sorted = [.. late[k].Order()];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {kinds[k]} | {sorted[Stops / 2]:0.0} ms | {sorted[Stops * 99 / 100]:0.0} ms | {sorted[^1]:0.0} ms | {sorted[0]:0.0} ms |"));
        }

        return late[0].Order().ElementAt(Stops / 2) <= 10 && late[0].Order().ElementAt(Stops * 99 / 100) <= 100 && late[0].Min() >= 0 ? 0 : 1;
    }
}
