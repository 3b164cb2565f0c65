using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Components.Tests.Values;

/// <summary>Every value type, host → guest → host → guest → host, against a guest written in C (guests/values).</summary>
public sealed class RoundTripTests
{
    [Theory]
    [InlineData("values.wasm")]
    [InlineData("values-utf16.wasm")]
    [InlineData("values-latin1.wasm")]
    public void Every_type_comes_back_as_it_went(string file)
    {
        using var engine = new WasmEngine();
        using var component = Component.Load(engine, TestGuests.Read($"values/{file}"));
        var linker = new ComponentLinker(engine);
        ExampleHost.DefineValues(linker);
        using var prepared = linker.Prepare(component);
        using var store = new Store(engine);
        using var instance = prepared.Instantiate(store);

        var values = new RandomValues(new Random(4711));
        int functions = 0;
        foreach (ExportedFunction function in prepared.ExportedFunctions.Where(f => f.Name.Contains("#roundtrip-", StringComparison.Ordinal)))
        {
            if (function.Type.Parameters.Any(p => p.Type.ContainsHandles) || function.Type.Parameters.Length != 1 || function.Type.Result is null)
                continue;
            functions++;
            for (int i = 0; i < 200; i++)
            {
                object? value = values.Next(function.Type.Parameters[0].Type);
                object? back = instance.Call(function, value);
                Assert.True(RandomValues.Same(value, back), $"{function.Name}: {function.Type}");
            }
        }

        Assert.Equal(86, functions);
    }

    [Fact]
    public void The_shim_of_a_real_component_is_elided()
    {
        using var engine = new WasmEngine();
        using var component = Component.Load(engine, TestGuests.Read("values/values.wasm"));
        var linker = new ComponentLinker(engine);
        ExampleHost.DefineValues(linker);
        using (var elided = linker.Prepare(component))
            Assert.Equal(1, elided.CoreInstanceCount);

        linker.ElideShims = false;
        using var faithful = linker.Prepare(component);
        Assert.Equal(3, faithful.CoreInstanceCount);
        using var store = new Store(engine);
        using var instance = faithful.Instantiate(store);
        ExportedFunction function = faithful.FindFunction("windhover:values/roundtrip@0.1.0", "roundtrip-string")!;
        Assert.Equal("through the shim", instance.Call(function, "through the shim"));
    }
}
