using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using Generated.Bench.Abi.Echo;
using Windhover.Components.Bindings;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Bench.Abi;

/// <summary>
/// A call into a guest that calls back with what it got: two crossings with arguments, two with results. Glue by hand, generated glue, and dynamic values.
/// </summary>
[MemoryDiagnoser]
[CategoriesColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
public class AbiBenchmarks
{
    private const string Sixteen = "sixteen letters!";

    private readonly byte[] _mebibyte = new byte[1 << 20];
    private WasmEngine _engine = null!;
    private HandGlue _hand = null!;
    private Component _component = null!;
    private PreparedComponent _typed = null!, _dynamic = null!;
    private Store _typedStore = null!, _dynamicStore = null!;
    private ComponentInstance _typedInstance = null!, _dynamicInstance = null!;
    private EchoWorld.Exports _world = null!;
    private ExportedFunction _number = null!, _text = null!, _bytes = null!;
    private object?[] _numberArguments = [], _textArguments = [], _bytesArguments = [];

    [GlobalSetup]
    public void Setup()
    {
        _engine = new WasmEngine();
        _hand = new HandGlue(_engine);
        _component = Component.Load(_engine, WatCompiler.Compile(EchoGuest.Component));

        var linker = new ComponentLinker(_engine);
        EchoWorld.Define(linker, static state => (IEcho)state!);
        _typed = linker.Prepare(_component);
        _world = EchoWorld.Bind(_typed);
        _typedStore = new Store(_engine);
        _typedInstance = _typed.Instantiate(_typedStore, new Echo());

        var dynamic = new ComponentLinker(_engine);
        HostInterface host = dynamic.Interface(EchoGuest.Interface);
        foreach (string name in (string[])["number", "text", "bytes"])
            host.DefineDynamic(name, static (_, arguments) => arguments[0]);
        _dynamic = dynamic.Prepare(_component);
        _dynamicStore = new Store(_engine);
        _dynamicInstance = _dynamic.Instantiate(_dynamicStore);
        _number = _dynamic.FindFunction(EchoGuest.Interface, "number")!;
        _text = _dynamic.FindFunction(EchoGuest.Interface, "text")!;
        _bytes = _dynamic.FindFunction(EchoGuest.Interface, "bytes")!;
        _numberArguments = [7u];
        _textArguments = [Sixteen];
        _bytesArguments = [_mebibyte];
        Random.Shared.NextBytes(_mebibyte);
    }

    [Benchmark(Baseline = true, Description = "u32, by hand"), BenchmarkCategory("u32")]
    public void NumberByHand() => Check(_hand.Number(7) == 7);

    [Benchmark(Description = "u32, generated glue"), BenchmarkCategory("u32")]
    public void NumberTyped() => Check(_world.Echo.Number(_typedInstance, 7) == 7);

    [Benchmark(Description = "u32, dynamic values"), BenchmarkCategory("u32")]
    public void NumberDynamic() => Check(_dynamicInstance.Call(_number, _numberArguments) is 7u);

    [Benchmark(Baseline = true, Description = "string of 16 bytes, by hand"), BenchmarkCategory("string")]
    public void TextByHand() => Check(_hand.Text(Sixteen).Length == 16);

    [Benchmark(Description = "string of 16 bytes, generated glue"), BenchmarkCategory("string")]
    public void TextTyped() => Check(_world.Echo.Text(_typedInstance, Sixteen).Length == 16);

    [Benchmark(Description = "string of 16 bytes, dynamic values"), BenchmarkCategory("string")]
    public void TextDynamic() => Check(_dynamicInstance.Call(_text, _textArguments) is string { Length: 16 });

    [Benchmark(Baseline = true, Description = "list<u8> of 1 MiB, by hand"), BenchmarkCategory("list")]
    public void BytesByHand() => Check(_hand.Bytes(_mebibyte).Length == 1 << 20);

    [Benchmark(Description = "list<u8> of 1 MiB, generated glue"), BenchmarkCategory("list")]
    public void BytesTyped() => Check(_world.Echo.Bytes(_typedInstance, _mebibyte).Length == 1 << 20);

    [Benchmark(Description = "list<u8> of 1 MiB, dynamic values"), BenchmarkCategory("list")]
    public void BytesDynamic() => Check(_dynamicInstance.Call(_bytes, _bytesArguments) is byte[] { Length: 1 << 20 });

    [GlobalCleanup]
    public void Cleanup()
    {
        _typedInstance.Dispose();
        _dynamicInstance.Dispose();
        _typedStore.Dispose();
        _dynamicStore.Dispose();
        _typed.Dispose();
        _dynamic.Dispose();
        _component.Dispose();
        _hand.Dispose();
        _engine.Dispose();
    }

    private static void Check(bool right)
    {
        if (!right)
            throw new InvalidOperationException("The guest gave back something else.");
    }

    private sealed class Echo : IEcho
    {
        public uint Number(uint v) => v;

        public string Text(string v) => v;

        public ReadOnlyMemory<byte> Bytes(ReadOnlySpan<byte> v) => v.ToArray();
    }
}

/// <summary>The world of wit/echo.wit, bound when the project is built.</summary>
[WitWorld("bench:abi/abi", RootNamespace = "Generated")]
public sealed partial class EchoWorld;
