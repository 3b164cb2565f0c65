using Windhover.Components.Linking;
using Windhover.Components.Tests.Suite;
using Windhover.Components.Tests.Values;
using Windhover.Engine;

namespace Windhover.Components.Tests.Oracle;

/// <summary>
/// Random values go into the <c>show-*</c> functions of guests/values on both sides; the guest answers with the text of what it saw. This
/// judges how values are lowered on its own: of our lifting it takes no more than a string.
/// </summary>
public sealed class LoweringDifferentialTests(ITestOutputHelper output)
{
    private const int ValuesPerFunction = 50;

    [Theory]
    [InlineData("values.wasm")]
    [InlineData("values-utf16.wasm")]
    [InlineData("values-latin1.wasm")]
    public async Task The_guest_sees_the_same_values(string file)
    {
        var binary = TestGuests.Read($"values/{file}");
        using var engine = new WasmEngine();
        using var component = Component.Load(engine, binary);
        var linker = new ComponentLinker(engine);
        ExampleHost.DefineValues(linker);
        using var prepared = linker.Prepare(component);
        using var store = new Store(engine);
        using var ours = prepared.Instantiate(store);
        using var oracle = new NativeWastHost(trapImports: true);
        var native = oracle.Instantiate(oracle.Define(binary));

        var values = new RandomValues(new Random(20_26));
        var differences = new List<string>();
        var functions = 0;
        foreach (var function in prepared.ExportedFunctions.Where(f => f.Name.Contains("#show-", StringComparison.Ordinal)))
        {
            functions++;
            var type = function.Type.Parameters[0].Type;
            for (var i = 0; i < ValuesPerFunction; i++)
            {
                var value = values.Next(type);
                var argument = DynamicValues.FromDynamic(type, value);
                var seen = (string)ours.Call(function, value)!;
                var expected = (await oracle.InvokeAsync(native, function.Name, [argument], TestContext.Current.CancellationToken))!.Scalar;
                if (seen != expected)
                    differences.Add($"{function.Name}({argument}): ours {seen}, native {expected}");
            }
        }

        output.WriteLine($"differential: {functions * ValuesPerFunction - differences.Count} of {functions * ValuesPerFunction} values equal ({file})");
        Assert.Equal(86, functions);
        Assert.Empty(differences);
    }
}
