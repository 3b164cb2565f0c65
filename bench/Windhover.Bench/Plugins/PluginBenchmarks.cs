using System.Text.Json;
using System.Text.Json.Serialization;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Generated.Bench.Plugin.Api;
using Generated.Bench.Plugin.Host;
using Windhover.Components.Bindings;
using Windhover.Engine;
using Windhover.Plugins;

namespace Windhover.Bench.Plugins;

[WitWorld("bench:plugin/bench-plugin", RootNamespace = "Generated")]
public sealed partial class BenchPlugin;

/// <summary>A typed plug-in beside what it stands on: the engine's bare calls, copies by hand, JSON, and wasmtime-dotnet's component API.</summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class PluginBenchmarks
{
    private const string Sixteen = "sixteen letters!";
    private const int Calls = 1000;

    private readonly byte[] _mebibyte = new byte[1 << 20];
    private PluginHost _host = null!;
    private PluginComponent _component = null!;
    private BenchPlugin _plugin = null!;
    private BareGuest _bare = null!;
    private DotnetGuest _dotnet = null!;
    private BenchPlugin.Imports _imports = null!;
    private Order _order = null!;
    private JsonOrder _json = null!;

    [GlobalSetup]
    public void Setup()
    {
        // First: the last engine made leaves its signal handlers, and only Windhover's engine repairs them.
        _dotnet = new DotnetGuest(WatCompiler.Compile(PluginGuest.Component));
        _host = new PluginHost(new PluginHostOptions { CacheDirectory = "" });
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".wasm");
        File.WriteAllBytes(file, WatCompiler.Compile(PluginGuest.Component));
        _component = _host.Load(file);
        File.Delete(file);
        _imports = new BenchPlugin.Imports { Host = new Ticker() };
        _plugin = BenchPlugin.Instantiate(_component, _imports);
        _bare = new BareGuest(_host.Engine);
        Random.Shared.NextBytes(_mebibyte);
        _order = new Order(7, "Ada Lovelace", "GB", true, 123_456, 1.5, "leave it at the door",
            [.. Enumerable.Range(0, 100).Select(i => new Line($"article-{i}", (uint)(i * 100), (uint)i))]);
        _json = new JsonOrder(_order.Id, _order.Customer, _order.Country, _order.Paid, _order.Cents, _order.Weight, _order.Note,
            [.. _order.Lines.Select(l => new JsonLine(l.Sku, l.Cents, l.Quantity))]);
        Order back = _plugin.Api.Pass(_order);
        if (back.Lines.Count != 100 || back.Lines[99] != _order.Lines[99] || _plugin.Api.Add(1, 2) != 3 || _plugin.Api.Repeat(10) != 45)
            throw new InvalidOperationException("The guest does not give back what it got.");
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _plugin.Dispose();
        _bare.Dispose();
        _component.Dispose();
        _host.Dispose();
        _dotnet.Dispose();
    }

    [BenchmarkCategory("call"), Benchmark(Baseline = true, Description = "(u32, u32) -> u32, bare unchecked call", OperationsPerInvoke = Calls)]
    public void BareAdd()
    {
        for (uint i = 0; i < Calls; i++)
            _bare.Add(i, i);
    }

    [BenchmarkCategory("call"), Benchmark(Description = "(u32, u32) -> u32, typed plug-in", OperationsPerInvoke = Calls)]
    public void TypedAdd()
    {
        for (uint i = 0; i < Calls; i++)
            _plugin.Api.Add(i, i);
    }

    [BenchmarkCategory("call"), Benchmark(Description = "(u32, u32) -> u32, wasmtime-dotnet", OperationsPerInvoke = Calls)]
    public void DotnetAdd()
    {
        for (uint i = 0; i < Calls; i++)
            _dotnet.Add(i, i);
    }

    [BenchmarkCategory("import"), Benchmark(Baseline = true, Description = "guest → host, bare unchecked callback", OperationsPerInvoke = Calls)]
    public void BareImport() => _bare.Repeat(Calls);

    [BenchmarkCategory("import"), Benchmark(Description = "guest → host, typed import", OperationsPerInvoke = Calls)]
    public void TypedImport() => _plugin.Api.Repeat(Calls);

    [BenchmarkCategory("text"), Benchmark(Baseline = true, Description = "string 16 B -> string, by hand", OperationsPerInvoke = Calls)]
    public void BareText()
    {
        for (int i = 0; i < Calls; i++)
            _bare.Text(Sixteen);
    }

    [BenchmarkCategory("text"), Benchmark(Description = "string 16 B -> string, typed plug-in", OperationsPerInvoke = Calls)]
    public void TypedText()
    {
        for (int i = 0; i < Calls; i++)
            _plugin.Api.Text(Sixteen);
    }

    [BenchmarkCategory("bytes"), Benchmark(Baseline = true, Description = "list<u8> 1 MiB -> list<u8>, by hand")]
    public void BareBytes() => _bare.Bytes(_mebibyte);

    [BenchmarkCategory("bytes"), Benchmark(Description = "list<u8> 1 MiB -> list<u8>, typed plug-in")]
    public void TypedBytes() => _plugin.Api.Bytes(_mebibyte);

    [BenchmarkCategory("bytes"), Benchmark(Description = "list<u8> 1 MiB -> list<u8>, wasmtime-dotnet")]
    public void DotnetBytes() => _dotnet.Bytes(_mebibyte);

    [BenchmarkCategory("record"), Benchmark(Baseline = true, Description = "record of 8 fields, 100 lines: there and back in the plug-in", OperationsPerInvoke = 10)]
    public void TypedOrder()
    {
        for (int i = 0; i < 10; i++)
            _plugin.Api.Pass(_order);
    }

    [BenchmarkCategory("record"), Benchmark(Description = "the same, serialised and parsed twice by System.Text.Json", OperationsPerInvoke = 10)]
    public void SerialisedOrder()
    {
        // There and back is two of each: the host writes, the guest reads, the guest writes, the host reads.
        for (int i = 0; i < 20; i++)
            JsonSerializer.Deserialize(JsonSerializer.SerializeToUtf8Bytes(_json, OrderJson.Default.JsonOrder), OrderJson.Default.JsonOrder);
    }

    [BenchmarkCategory("instance"), Benchmark(Baseline = true, Description = "store and core instance, bare engine", OperationsPerInvoke = 10)]
    public void BareInstance()
    {
        for (int i = 0; i < 10; i++)
            _bare.Instantiate();
    }

    [BenchmarkCategory("instance"), Benchmark(Description = "plug-in from a loaded component", OperationsPerInvoke = 10)]
    public void TypedInstance()
    {
        for (int i = 0; i < 10; i++)
            BenchPlugin.Instantiate(_component, _imports).Dispose();
    }

    private sealed class Ticker : IHost
    {
        public uint Tick(uint n) => n;
    }
}

/// <summary>The same order: the JSON generator does not see what another generator wrote.</summary>
internal sealed record JsonOrder(uint Id, string Customer, string Country, bool Paid, ulong Cents, double Weight, string? Note, IReadOnlyList<JsonLine> Lines);

internal sealed record JsonLine(string Sku, uint Cents, uint Quantity);

[JsonSerializable(typeof(JsonOrder))]
internal sealed partial class OrderJson : JsonSerializerContext;
