using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Suite;

/// <summary>Runs the components of a .wast file on the real linker, with a host that provides nothing.</summary>
internal sealed class LinkerWastHost : IWastHost
{
    private readonly WasmEngine _engine = new(new EngineOptions { Pooling = false });
    private readonly ComponentLinker _linker;
    private readonly Stack<IDisposable> _owned = [];

    public LinkerWastHost() => _linker = new ComponentLinker(_engine);

    public object Define(byte[] component)
    {
        var loaded = Component.Load(_engine, component);
        _owned.Push(loaded);
        return loaded;
    }

    public object Instantiate(object definition)
    {
        var prepared = _linker.Prepare((Component)definition);
        _owned.Push(prepared);
        var store = new Store(_engine);
        store.SetDeadline(TimeSpan.FromSeconds(5)); // a test that turns in circles fails, and the next one runs
        _owned.Push(store);
        var instance = prepared.Instantiate(store);
        _owned.Push(instance);
        return instance;
    }

    public async ValueTask<WastValue?> InvokeAsync(object instance, string export, IReadOnlyList<WastValue> arguments, CancellationToken cancellation)
    {
        var target = (ComponentInstance)instance;
        var function = target.Component.FindFunction(null, export) ?? throw new LinkException($"There is no export `{export}`.");
        var parameters = function.Type.Parameters;
        var values = arguments.Select((a, i) => DynamicValues.ToDynamic(parameters[i].Type, a)).ToArray();
        var result = await target.CallAsync(function, values, cancellation);
        return function.Type.Result is { } type ? DynamicValues.FromDynamic(type, result) : null;
    }

    public void Dispose()
    {
        while (_owned.TryPop(out var item))
            item.Dispose();
        _engine.Dispose();
    }
}
