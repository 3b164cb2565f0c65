using System.Diagnostics;
using Windhover.Components.Async;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Bench.Async;

// A long run of the same streams as StreamBenchmarks, to see whether memory stays: resident memory is looked at after each tenth.
internal static class StreamRun
{
    private const int Chunk = 256 * 1024;
    private const string Api = "windhover:guests/streams";

    /// <param name="gigabytes">Through each way: 10⁹ bytes.</param>
    public static int Run(int gigabytes)
    {
        using var engine = new WasmEngine();
        using var prepared = new ComponentLinker(engine).Prepare(
            Component.Load(engine, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "c-stream.wasm"))));
        using var store = new Store(engine);
        using ComponentInstance instance = prepared.Instantiate(store);
        ExportedFunction drain = prepared.FindFunction(Api, "drain")!, fill = prepared.FindFunction(Api, "fill")!;
        var bytes = new byte[64 << 20];
        new Random(1).NextBytes(bytes);
        var chunk = new byte[Chunk];
        Console.WriteLine("| way | GB | GB/s | resident MiB after each tenth | collections of generation 2 |\n| --- | --- | --- | --- | --- |");
        Measure("host → guest", size => (ulong)instance.Call(drain, HostStream.Create((writer, cancellation) => WriteAsync(writer, bytes, size, cancellation)))!);
        Measure("guest → host", size =>
        {
            using var stream = (GuestStreamReader)instance.Call(fill, size)!;
            return ReadAsync(stream, chunk).GetAwaiter().GetResult();
        });
        Measure("guest → guest", size => (ulong)instance.Call(drain, instance.Call(fill, size)!)!);
        return 0;

        void Measure(string way, Func<ulong, ulong> run)
        {
            ulong tenth = (ulong)gigabytes * 100_000_000;
            var resident = new List<long>();
            int collections = GC.CollectionCount(2);
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < 10; i++)
            {
                if (run(tenth) is var count && count != tenth)
                    throw new InvalidOperationException($"{count} bytes came through, not {tenth}.");
                resident.Add(Environment.WorkingSet >> 20);
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Console.WriteLine($"| {way} | {gigabytes} | {gigabytes / seconds:0.0} | {string.Join(' ', resident)} | {GC.CollectionCount(2) - collections} |");
        }
    }

    private static async Task WriteAsync(HostStreamWriter writer, byte[] bytes, ulong size, CancellationToken cancellation)
    {
        while (size > 0)
        {
            int count = (int)Math.Min(size, (ulong)bytes.Length);
            if (await writer.WriteAsync(bytes.AsMemory(0, count), cancellation).ConfigureAwait(false) < count)
                return;
            size -= (ulong)count;
        }
    }

    private static async Task<ulong> ReadAsync(GuestStreamReader stream, Memory<byte> chunk)
    {
        ulong all = 0;
        while (await stream.ReadAsync(chunk).ConfigureAwait(false) is > 0 and var count)
            all += (ulong)count;
        return all;
    }
}
