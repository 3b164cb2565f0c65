using BenchmarkDotNet.Attributes;
using Windhover.Components.Async;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Bench.Async;

/// <summary>64 MiB through a <c>stream&lt;u8&gt;</c>, 256 KiB at a time: guests/c-stream, which reads and writes but looks at no byte.</summary>
public class StreamBenchmarks
{
    private const int Size = 64 << 20;
    private const int Chunk = 256 * 1024;
    private const string Api = "windhover:guests/streams";

    private readonly byte[] _bytes = new byte[Size];
    private readonly byte[] _chunk = new byte[Chunk];
    private WasmEngine _engine = null!;
    private PreparedComponent _prepared = null!;
    private Store _store = null!;
    private ComponentInstance _instance = null!;

    [GlobalSetup]
    public void Setup()
    {
        new Random(1).NextBytes(_bytes); // pages of its own: untouched ones are all the same one, and that is always in the cache
        _engine = new WasmEngine();
        Component component = Component.Load(_engine, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "c-stream.wasm")));
        _prepared = new ComponentLinker(_engine).Prepare(component);
        _store = new Store(_engine);
        _instance = _prepared.Instantiate(_store);
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _instance.Dispose();
        _store.Dispose();
        _prepared.Dispose();
        _engine.Dispose();
    }

    [Benchmark(Baseline = true, Description = "copy in .NET")]
    public void Copy()
    {
        for (int at = 0; at < Size; at += Chunk)
            _bytes.AsSpan(at, Chunk).CopyTo(_chunk);
    }

    [Benchmark(Description = "host → guest")]
    public void HostToGuest() => Check(_instance.Call(Function("drain"), HostStream.FromBytes(_bytes)));

    [Benchmark(Description = "guest → host")]
    public void GuestToHost()
    {
        using var stream = (GuestStreamReader)_instance.Call(Function("fill"), (ulong)Size)!;
        Check((ulong)ReadAsync(stream).GetAwaiter().GetResult());
    }

    [Benchmark(Description = "guest → guest")]
    public void GuestToGuest() => Check(_instance.Call(Function("drain"), _instance.Call(Function("fill"), (ulong)Size)!));

    private async Task<long> ReadAsync(GuestStreamReader stream)
    {
        long all = 0;
        while (await stream.ReadAsync(_chunk).ConfigureAwait(false) is > 0 and var count)
            all += count;
        return all;
    }

    private ExportedFunction Function(string name) => _prepared.FindFunction(Api, name)!;

    private static void Check(object? count)
    {
        if ((ulong)count! != Size)
            throw new InvalidOperationException($"{count} bytes came through, not {Size}.");
    }
}
