using System.Text;
using Windhover.Engine;

namespace Windhover.Bench.Plugins;

/// <summary><see cref="PluginGuest"/>'s core module on the engine alone: unchecked calls, and the copies that text and bytes need at least.</summary>
internal sealed class BareGuest : IDisposable
{
    private readonly Module _module;
    private readonly Linker _linker;
    private readonly InstancePre _pre;
    private readonly Store _store;
    private readonly WasmEngine _engine;
    private readonly LinearMemory _memory;
    private readonly Function _add, _repeat, _text, _bytes, _realloc, _done;

    public BareGuest(WasmEngine engine)
    {
        _engine = engine;
        _module = Module.Compile(engine, WatCompiler.Compile(PluginGuest.Core));
        _linker = new Linker(engine);
        _linker.Define("host", "tick", new Tick());
        _pre = _linker.Prepare(_module);
        _store = new Store(engine);
        Instance instance = _pre.Instantiate(_store);
        _memory = instance.GetMemory(_store, "memory");
        _add = instance.GetFunction(_store, "add");
        _repeat = instance.GetFunction(_store, "repeat");
        _text = instance.GetFunction(_store, "text");
        _bytes = instance.GetFunction(_store, "bytes");
        _realloc = instance.GetFunction(_store, "realloc");
        _done = instance.GetFunction(_store, "done");
    }

    public uint Add(uint a, uint b)
    {
        Span<RawValue> values = stackalloc RawValue[2];
        values[0] = a;
        values[1] = b;
        _add.Call(_store, values);
        return values[0].U32;
    }

    public uint Repeat(uint n)
    {
        Span<RawValue> values = stackalloc RawValue[1];
        values[0] = n;
        _repeat.Call(_store, values);
        return values[0].U32;
    }

    public string Text(string text)
    {
        uint length = (uint)Encoding.UTF8.GetByteCount(text), address = Allocate(length);
        Encoding.UTF8.GetBytes(text, Slice(address, length));
        Span<RawValue> values = stackalloc RawValue[2];
        (uint at, uint count) = Call(_text, values, address, length);
        string result = Encoding.UTF8.GetString(Slice(at, count));
        _done.Call(_store, values);
        return result;
    }

    public byte[] Bytes(byte[] bytes)
    {
        uint address = Allocate((uint)bytes.Length);
        bytes.CopyTo(Slice(address, (uint)bytes.Length));
        Span<RawValue> values = stackalloc RawValue[2];
        (uint at, uint count) = Call(_bytes, values, address, (uint)bytes.Length);
        byte[] result = Slice(at, count).ToArray();
        _done.Call(_store, values);
        return result;
    }

    /// <summary>A store with an instance, made and dropped.</summary>
    public void Instantiate()
    {
        using var store = new Store(_engine);
        _pre.Instantiate(store);
    }

    private (uint At, uint Count) Call(Function function, Span<RawValue> values, uint address, uint length)
    {
        values[0] = address;
        values[1] = length;
        function.Call(_store, values);
        Span<byte> area = Slice(values[0].U32, 8);
        return (BitConverter.ToUInt32(area), BitConverter.ToUInt32(area[4..]));
    }

    private uint Allocate(uint size)
    {
        Span<RawValue> values = stackalloc RawValue[4];
        values.Clear();
        values[2] = 1u;
        values[3] = size;
        _realloc.Call(_store, values);
        return values[0].U32;
    }

    private Span<byte> Slice(uint address, uint length) => _memory.GetSpan(_store).Slice(checked((int)address), checked((int)length));

    public void Dispose()
    {
        _store.Dispose();
        _pre.Dispose();
        _linker.Dispose();
        _module.Dispose();
    }

    private sealed class Tick() : HostFunction(new FunctionType([ValueKind.I32], [ValueKind.I32]))
    {
        protected override void Invoke(Store store, Span<RawValue> values)
        {
        }
    }
}
