using Shop.Shop.Rules.Catalog;
using Shop.Shop.Rules.Pricing;
using Windhover.Components.Bindings;
using Windhover.Plugins;

namespace Shop;

/// <summary>What a basket costs.</summary>
internal sealed record Quote(IReadOnlyList<(Article Article, uint Quantity)> Lines, uint Cents, string Reason, uint? Tax, string WhyNoTax);

/// <summary>
/// The rules of the shop: plug-ins where they answer, the shop's own where they fail. A customer sees a price whatever a plug-in does.
/// </summary>
internal sealed class Rules(PluginPool<PricingPlugin> pricing, PluginPool<TaxPlugin> taxes, PluginPool<SearchPlugin> search, PluginLog log)
{
    public RuleCounter Pricing { get; } = new();

    public RuleCounter Taxes { get; } = new();

    public RuleCounter Finding { get; } = new();

    public async Task<Quote> QuoteAsync(IReadOnlyList<(Article Article, uint Quantity)> basket, string country, CancellationToken cancellation)
    {
        Line[] lines = [.. basket.Select(b => new Line(b.Article.Sku, b.Article.Cents, b.Quantity))];
        Price price = await CallAsync(
            pricing,
            Pricing,
            plugin => plugin.Pricing.Quote(lines),
            new Price((uint)lines.Sum(l => (long)l.Cents * l.Quantity), "list price: the pricing rule failed"),
            cancellation);
        Result<uint, string> tax = await CallAsync(taxes, Taxes, plugin => plugin.Taxes.Tax(price.Cents, country), Result.Err("the tax rule failed"), cancellation);
        return tax.TryGet(out uint cents, out string? why) ? new(basket, price.Cents, price.Reason, cents, "") : new(basket, price.Cents, price.Reason, null, why);
    }

    public async Task<IReadOnlyList<Article>> SearchAsync(string words, CancellationToken cancellation)
    {
        string[] found = await CallAsync(
            search,
            Finding,
            plugin => plugin.Finding.Search(words, Catalog.Articles),
            [.. Catalog.Articles.Where(a => a.Name.Contains(words, StringComparison.OrdinalIgnoreCase)).Select(a => a.Sku)],
            cancellation);
        return [.. found.Select(sku => Catalog.Articles.FirstOrDefault(a => a.Sku == sku)).OfType<Article>()];
    }

    private async Task<T> CallAsync<TPlugin, T>(PluginPool<TPlugin> pool, RuleCounter counter, Func<TPlugin, T> call, T otherwise, CancellationToken cancellation)
        where TPlugin : Plugin, IPlugin<TPlugin>
    {
        try
        {
            await using TPlugin plugin = await pool.RentAsync(cancellation);
            T answer = call(plugin);
            counter.Count(failed: false);
            return answer;
        }
        catch (PluginException error)
        {
            counter.Count(failed: true);
            log.Write(error.Message);
            return otherwise;
        }
    }
}

/// <summary>Calls of a rule since the shop opened.</summary>
internal sealed class RuleCounter
{
    private long _calls, _failures;

    public long Calls => Interlocked.Read(ref _calls);

    public long Failures => Interlocked.Read(ref _failures);

    public void Count(bool failed)
    {
        Interlocked.Increment(ref _calls);
        if (failed)
            Interlocked.Increment(ref _failures);
    }
}
