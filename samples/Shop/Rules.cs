using Shop.Shop.Rules.Pricing;
using Windhover.Components.Bindings;
using Windhover.Plugins;

namespace Shop;

/// <summary>
/// The rules of the shop: plug-ins where they answer, the shop's own where they fail. A customer sees a price whatever a plug-in does.
/// </summary>
internal sealed class Rules(PluginPool<PricingPlugin> pricing, PluginPool<TaxPlugin> taxes, PluginPool<SearchPlugin> search, PluginLog log)
{
    public async Task<Price> PriceAsync(IReadOnlyList<Line> lines, CancellationToken cancellation)
    {
        try
        {
            await using PricingPlugin plugin = await pricing.RentAsync(cancellation);
            return plugin.Pricing.Quote(lines);
        }
        catch (PluginException error)
        {
            log.Write(error.Message);
            return new Price((uint)lines.Sum(l => l.Cents * l.Quantity), "list price: the pricing rule failed");
        }
    }

    public async Task<Result<uint, string>> TaxAsync(uint cents, string country, CancellationToken cancellation)
    {
        try
        {
            await using TaxPlugin plugin = await taxes.RentAsync(cancellation);
            return plugin.Taxes.Tax(cents, country);
        }
        catch (PluginException error)
        {
            log.Write(error.Message);
            return Result.Err("the tax rule failed");
        }
    }

    public async Task<string[]> SearchAsync(string words, CancellationToken cancellation)
    {
        try
        {
            await using SearchPlugin plugin = await search.RentAsync(cancellation);
            return plugin.Finding.Search(words, Catalog.Articles);
        }
        catch (PluginException error)
        {
            log.Write(error.Message);
            return [.. Catalog.Articles.Where(a => a.Name.Contains(words, StringComparison.OrdinalIgnoreCase)).Select(a => a.Sku)];
        }
    }
}
