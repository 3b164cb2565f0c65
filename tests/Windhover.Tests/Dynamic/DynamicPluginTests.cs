using Windhover.Plugins;

namespace Windhover.Tests.Dynamic;

public sealed class DynamicPluginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Functions_by_name_on_values_and_json()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("rules", ShopGuest.Make(4), Cancel);
        var lines = new List<object?>();
        DynamicImports imports = new DynamicImports().Add("test:shop/log@1.1.0", "write", arguments =>
        {
            lines.Add(arguments[0]);
            return null;
        });
        using DynamicPlugin plugin = DynamicPlugin.Instantiate(component, imports);
        Assert.Contains("test:shop/rules@1.1.0#price", plugin.Functions.Keys);
        Assert.Equal(6u, plugin.Call("test:shop/rules@1.1.0#price", 2u, 3u));
        Assert.Equal(6u, await plugin.CallAsync("rules#price", [2u, 3u], Cancel));
        Assert.Equal("6", plugin.CallJson("rules#price", "[2, 3]"));
        Assert.Equal("6", plugin.CallJson("rules#price", """{ "quantity": 3, "cents": 2 }"""));
        Assert.Equal("\"version 4\"", plugin.CallJson("rules#describe", "[]"));
        plugin.Call("rules#act", 3u);
        Assert.Equal(["boom"], lines);
    }

    [Fact]
    public async Task What_does_not_fit_is_told_and_harms_nothing()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync("rules", ShopGuest.Make(), Cancel);
        DynamicImports imports = new DynamicImports().Add("test:shop/log@1.1.0", "write", _ => null);
        using DynamicPlugin plugin = DynamicPlugin.Instantiate(component, imports);
        Assert.Contains("`version`", Misuse(() => plugin.Call("nothing")), StringComparison.Ordinal);
        Assert.Contains("cents", Misuse(() => plugin.Call("rules#price", "two", 3u)), StringComparison.Ordinal);
        Assert.Contains("2 argument", Misuse(() => plugin.CallJson("rules#price", "[1]")), StringComparison.Ordinal);
        Assert.Contains("`quantity` is missing", Misuse(() => plugin.CallJson("rules#price", """{ "cents": 1 }""")), StringComparison.Ordinal);
        Misuse(() => plugin.CallJson("rules#price", "[-1, 1]"));
        Misuse(() => plugin.CallJson("rules#price", "[1, "));
        Assert.Equal(6u, plugin.Call("rules#price", 2u, 3u));
        Assert.Throws<PluginTrapException>(() => plugin.Call("rules#act", 1u));
        Assert.Contains("`test:shop/log@1.1.0`", Assert.Throws<PluginMismatchException>(() => DynamicPlugin.Instantiate(component)).Message, StringComparison.Ordinal);

        static string Misuse(Action action)
        {
            PluginUseException error = Assert.Throws<PluginUseException>(action);
            Assert.Equal(PluginMisuse.Arguments, error.Misuse);
            return error.Message;
        }
    }

    [Fact]
    public async Task A_plugin_in_javascript_takes_and_gives_json()
    {
        await using PluginComponent component = await fixture.Host.LoadAsync(Path.Combine(AppContext.BaseDirectory, "guests", "js-qjs.wasm"), Cancel);
        DynamicImports imports = new DynamicImports()
            .Add("rates", "rate", _ => Components.Values.VariantValue.None)
            .Add("rates", "log", _ => null);
        using DynamicPlugin plugin = DynamicPlugin.Instantiate(component, imports);
        Assert.Equal("6765", plugin.CallJson("pricing#fib", "[20]"));
        string quote = plugin.CallJson("pricing#quote-order", """[{ "customer": "Ada", "items": [], "coupon": null }]""");
        Assert.Equal("""{"error":"empty-order"}""", quote);
    }
}
