using Windhover.Plugins;

namespace Shop;

/// <summary>Exchanges plug-ins while customers use them: any file of the plug-ins' folder for any rule, if it fits.</summary>
internal sealed class Admin(
    PluginHost host, PluginPool<PricingPlugin> pricing, PluginPool<TaxPlugin> taxes, PluginPool<SearchPlugin> search, PluginLog log)
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "plugins");

    public static string[] Files => [.. Directory.GetFiles(Folder, "*.wasm").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public (string Rule, string Plugin)[] Rules => [("pricing", pricing.Info.Name), ("tax", taxes.Info.Name), ("search", search.Info.Name)];

    public string[] Log => log.Lines;

    /// <summary>Answers what happened, in a sentence.</summary>
    public async Task<string> SwapAsync(string rule, string file, CancellationToken cancellation)
    {
        if (!Files.Contains(file))
            return $"There is no plug-in '{file}'.";
        PluginComponent? component = null;
        try
        {
            component = await host.LoadAsync(Path.Combine(Folder, file + ".wasm"), cancellation);
            // The task that this gives ends when the last call on the old version has: nobody needs to wait for it.
            _ = rule switch
            {
                "pricing" => pricing.SwapAsync(component),
                "tax" => taxes.SwapAsync(component),
                "search" => search.SwapAsync(component),
                _ => throw new ArgumentException($"There is no rule '{rule}'.", nameof(rule)),
            };
            return $"The {rule} rule is now '{file}'.";
        }
        catch (Exception error) when (error is PluginException or ArgumentException)
        {
            component?.Dispose();
            return error.Message;
        }
    }
}
