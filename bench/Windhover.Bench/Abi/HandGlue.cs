using System.Buffers.Binary;
using System.Text;
using Windhover.Engine;

namespace Windhover.Bench.Abi;

/// <summary>
/// What a host without the component model would write for <see cref="EchoGuest"/>: the same copies and the same guest, nothing else.
/// </summary>
internal sealed class HandGlue : IDisposable
{
    private readonly Module _module;
    private readonly Linker _linker;
    private readonly InstancePre _pre;
    private readonly Store _store;
    private readonly LinearMemory _memory;
    private readonly Function _realloc, _done, _number, _text, _bytes;

    public HandGlue(WasmEngine engine)
    {
        _module = Module.Compile(engine, WatCompiler.Compile(EchoGuest.CoreModule));
        _linker = new Linker(engine);
        _linker.Define("echo", "number", new Host(this, 1, 1, static (_, _) => { }));
        _linker.Define("echo", "text", new Host(this, 3, 0, static (glue, values) => glue.EchoText(values)));
        _linker.Define("echo", "bytes", new Host(this, 3, 0, static (glue, values) => glue.EchoBytes(values)));
        _pre = _linker.Prepare(_module);
        _store = new Store(engine);
        Instance instance = _pre.Instantiate(_store);
        _memory = instance.GetMemory(_store, "memory");
        _realloc = instance.GetFunction(_store, "realloc");
        _done = instance.GetFunction(_store, "done");
        _number = instance.GetFunction(_store, "number");
        _text = instance.GetFunction(_store, "text");
        _bytes = instance.GetFunction(_store, "bytes");
    }

    public uint Number(uint value)
    {
        Span<RawValue> values = stackalloc RawValue[1];
        values[0] = value;
        _number.Call(_store, values);
        return values[0].U32;
    }

    public string Text(string value)
    {
        Span<RawValue> values = stackalloc RawValue[2];
        (values[0], values[1]) = WriteText(value);
        _text.Call(_store, values);
        (uint address, uint length) = Result(values[0].U32);
        string result = Encoding.UTF8.GetString(Slice(address, length));
        Done(values);
        return result;
    }

    public byte[] Bytes(ReadOnlySpan<byte> value)
    {
        Span<RawValue> values = stackalloc RawValue[2];
        (values[0], values[1]) = WriteBytes(value);
        _bytes.Call(_store, values);
        (uint address, uint length) = Result(values[0].U32);
        byte[] result = Slice(address, length).ToArray();
        Done(values);
        return result;
    }

    public void Dispose()
    {
        _store.Dispose();
        _pre.Dispose();
        _linker.Dispose();
        _module.Dispose();
    }

    private void EchoText(Span<RawValue> values)
    {
        string lifted = Encoding.UTF8.GetString(Slice(values[0].U32, values[1].U32));
        uint area = values[2].U32;
        (RawValue address, RawValue length) = WriteText(lifted);
        Store(area, address.U32, length.U32);
    }

    private void EchoBytes(Span<RawValue> values)
    {
        byte[] lifted = Slice(values[0].U32, values[1].U32).ToArray();
        uint area = values[2].U32;
        (RawValue address, RawValue length) = WriteBytes(lifted);
        Store(area, address.U32, length.U32);
    }

    private (RawValue Address, RawValue Length) WriteText(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        uint address = Allocate((uint)length);
        Encoding.UTF8.GetBytes(text, Slice(address, (uint)length));
        return (address, (uint)length);
    }

    private (RawValue Address, RawValue Length) WriteBytes(ReadOnlySpan<byte> bytes)
    {
        uint address = Allocate((uint)bytes.Length);
        bytes.CopyTo(Slice(address, (uint)bytes.Length));
        return (address, (uint)bytes.Length);
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

    private void Store(uint area, uint address, uint length)
    {
        Span<byte> memory = Slice(area, 8);
        BinaryPrimitives.WriteUInt32LittleEndian(memory, address);
        BinaryPrimitives.WriteUInt32LittleEndian(memory[4..], length);
    }

    private (uint Address, uint Length) Result(uint area)
    {
        Span<byte> memory = Slice(area, 8);
        return (BinaryPrimitives.ReadUInt32LittleEndian(memory), BinaryPrimitives.ReadUInt32LittleEndian(memory[4..]));
    }

    private void Done(Span<RawValue> values)
    {
        values[0] = EchoGuest.ResultArea;
        _done.Call(_store, values[..1]);
    }

    private Span<byte> Slice(uint address, uint length) => _memory.GetSpan(_store).Slice(checked((int)address), checked((int)length));

    private delegate void Handler(HandGlue glue, Span<RawValue> values);

    private sealed class Host(HandGlue glue, int parameters, int results, Handler handler) : HostFunction(
        new FunctionType([.. Enumerable.Repeat(ValueKind.I32, parameters)], [.. Enumerable.Repeat(ValueKind.I32, results)]))
    {
        protected override void Invoke(Store store, Span<RawValue> values) => handler(glue, values);
    }
}
