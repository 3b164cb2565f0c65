namespace Windhover.Engine.Tests;

/// <summary>Shorthand of the tests.</summary>
internal static class Wat
{
    public static Module Module(WasmEngine engine, string text) => Windhover.Engine.Module.Compile(engine, WatCompiler.Compile(text));

    /// <summary>An instance of a module without imports.</summary>
    public static Instance Instantiate(Store store, string text)
    {
        using var module = Module(store.Engine, text);
        return store.Instantiate(module, []);
    }
}

/// <summary>A host function from a delegate.</summary>
internal sealed class Host(FunctionType type, Host.Body body) : HostFunction(type)
{
    public delegate void Body(Store store, Span<RawValue> values);

    public static Host Action(Action<Store> body) => new(new([], []), (store, _) => body(store));

    protected internal override void Invoke(Store store, Span<RawValue> values) => body(store, values);
}

/// <summary>An engine with a small pool, for one test class.</summary>
public sealed class EngineFixture : IDisposable
{
    public WasmEngine Engine { get; } = new(new EngineOptions { MaxInstances = 100, EpochTick = TimeSpan.FromMilliseconds(1) });

    public void Dispose() => Engine.Dispose();
}
