using System.Globalization;
using System.Reflection;
using Acme.Exports.Windhover_.Values.Roundtrip;
using Windhover.Components.Linking;
using Windhover.Engine;

namespace Windhover.Wit.Generator.Tests.RoundTrips;

/// <summary>
/// Random values of every WIT type, host → guest → host → guest → host, through generated bindings: 100 of each, or as many as WINDHOVER_CASES says. The
/// guests are C and JavaScript.
/// </summary>
public sealed class PropertyTests
{
    private delegate TResult SpanCall<T, TResult>(ComponentInstance instance, ReadOnlySpan<T> value);

    private static int Cases => int.Parse(Environment.GetEnvironmentVariable("WINDHOVER_CASES") ?? "100", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("values.wasm")]
    [InlineData("values-js.wasm")]
    public void Every_type_comes_back_as_it_went(string file)
    {
        using var engine = new WasmEngine();
        using Component component = Component.Load(engine, File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "guests", "values", file)));
        var linker = new ComponentLinker(engine);
        var host = new ValuesGuest.HostState();
        ValuesWorld.Define(linker, state => ((ValuesGuest.HostState)state!).Echo, state => ((ValuesGuest.HostState)state!).Counters);
        using PreparedComponent prepared = linker.Prepare(component);
        var exports = RoundtripExports.Bind(prepared);
        using var store = new Store(engine);
        using ComponentInstance instance = prepared.Instantiate(store, host);
        var random = new RandomClr(new Random(4711)) { OnlySafeIntegers = file.Contains("js", StringComparison.Ordinal) };
        int functions = 0;
        foreach (MethodInfo method in typeof(RoundtripExports).GetMethods().Where(m => m.Name.StartsWith("Roundtrip", StringComparison.Ordinal)))
        {
            functions++;
            ParameterInfo parameter = method.GetParameters()[1];
            Func<ComponentInstance, object?, object?> call = Caller(exports, method, parameter.ParameterType);
            for (int i = 0; i < Cases; i++)
            {
                object? value = random.Next(parameter);
                string expected = Render.Text(value), actual = Render.Text(call(instance, value));
                if (expected != actual)
                    Assert.Fail($"{method.Name}: {expected} came back as {actual}");
            }
        }

        Assert.Equal(86, functions);
        Console.WriteLine($"suite: round trips {file}: {functions} of {functions} types, {Cases} values each");
    }

    private static Func<ComponentInstance, object?, object?> Caller(RoundtripExports exports, MethodInfo method, Type parameter)
    {
        if (!parameter.IsByRefLike)
            return (instance, value) => method.Invoke(exports, [instance, value]);
        return (Func<ComponentInstance, object?, object?>)typeof(PropertyTests).GetMethod(nameof(OfSpan), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(parameter.GetGenericArguments()[0], method.ReturnType).Invoke(null, [exports, method])!;
    }

    private static Func<ComponentInstance, object?, object?> OfSpan<T, TResult>(RoundtripExports exports, MethodInfo method)
    {
        var call = method.CreateDelegate<SpanCall<T, TResult>>(exports);
        return (instance, value) => call(instance, (T[])value!);
    }
}
