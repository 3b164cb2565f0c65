using System.Diagnostics;
using System.Globalization;
using Windhover.Engine;

namespace Windhover.Bench.Interruption;

// One instruction is not interrupted, however long it takes: what the largest ones take, on memory that is touched for the first time and again.
internal static class BulkRun
{
    private static readonly (string Name, string Body)[] s_instructions =
    [
        ("memory.fill", "(memory.fill (i32.const 0) (i32.const 1) (i32.shl (local.get 0) (i32.const 20)))"),
        ("memory.copy", "(memory.copy (i32.const 0) (i32.shl (local.get 0) (i32.const 19)) (i32.shl (local.get 0) (i32.const 19)))"),
        ("table.fill", "(table.fill (i32.const 0) (ref.null func) (i32.shl (local.get 0) (i32.const 10)))"),
        ("table.copy", "(table.copy (i32.const 0) (i32.const 512) (i32.shl (local.get 0) (i32.const 9)))"),
    ];

    public static int Run()
    {
        Console.WriteLine("| instruction | of | first | again |\n| --- | --- | --- | --- |");
        using var engine = new WasmEngine(new EngineOptions { MaxInstances = 1, MaxTableElements = 10_000_000 });
        foreach (int size in new[] { 64, 256, 1024, 4095 })
        {
            foreach ((string name, string body) in s_instructions)
            {
                using Module module = Module.Compile(
                    engine, WatCompiler.Compile($"""(module (memory {size * 16}) (table {size * 1024} funcref) (func (export "f") (param i32) {body}))"""));
                using var store = new Store(engine);
                Function f = store.Instantiate(module, []).GetFunction(store, "f");
                double first = Time(store, f, size), again = Time(store, f, size);
                string unit = name.StartsWith("table", StringComparison.Ordinal) ? "Ki elements" : "MiB";
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {size} {unit} | {first:0.0} ms | {again:0.0} ms |"));
            }
        }

        return 0;
    }

    private static double Time(Store store, Function f, int size)
    {
        long start = Stopwatch.GetTimestamp();
        f.Call(store, [(RawValue)size]);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
