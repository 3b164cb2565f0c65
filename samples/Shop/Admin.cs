using Windhover.Plugins;

namespace Shop;

/// <summary>A rule, and the plug-in that it runs on.</summary>
internal sealed record RuleState(string Name, string Plugin, string Digest, long Calls, long Failures);

/// <summary>Exchanges plug-ins while customers use them: any file of the plug-ins' folder for any rule, if it fits.</summary>
internal sealed class Admin(
    PluginHost host, PluginPool<PricingPlugin> pricing, PluginPool<TaxPlugin> taxes, PluginPool<SearchPlugin> search, Rules rules, PluginLog log)
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "plugins");

    public static string[] Files => [.. Directory.GetFiles(Folder, "*.wasm").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    public RuleState[] Rules => [State("pricing", pricing.Info, rules.Pricing), State("tax", taxes.Info, rules.Taxes), State("search", search.Info, rules.Finding)];

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

    private static RuleState State(string name, PluginInfo plugin, RuleCounter counter) => new(name, plugin.Name, plugin.Digest[..12], counter.Calls, counter.Failures);
}
