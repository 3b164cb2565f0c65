using Wasmtime.Components;

namespace Windhover.Bench.Plugins;

/// <summary>The same component through wasmtime-dotnet's own component API: untyped values.</summary>
internal sealed class DotnetGuest : IDisposable
{
    private readonly Wasmtime.Engine _engine = new();
    private readonly Wasmtime.Store _store;
    private readonly Component _component;
    private readonly ComponentLinker _linker;
    private readonly ComponentFunction _add, _bytes;

    public DotnetGuest(byte[] wasm)
    {
        _store = new Wasmtime.Store(_engine);
        _component = Component.FromBytes(_engine, wasm);
        _linker = new ComponentLinker(_engine);
        _linker.DefineUnknownImportsAsTraps(_component);
        ComponentInstance instance = _linker.Instantiate(_store, _component);
        _add = instance.GetFunction("bench:plugin/api", "add")!;
        _bytes = instance.GetFunction("bench:plugin/api", "bytes")!;
    }

    public void Add(uint a, uint b) => _add.Call(ComponentValue.U32(a), ComponentValue.U32(b));

    public void Bytes(byte[] bytes)
    {
        var items = new ComponentValue[bytes.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = ComponentValue.U8(bytes[i]);
        _bytes.Call(ComponentValue.List(items));
    }

    public void Dispose()
    {
        _linker.Dispose();
        _component.Dispose();
        _store.Dispose();
        _engine.Dispose();
    }
}
