using Shop.Shop.Rules.Catalog;
using Windhover.Components.Bindings;

namespace Shop;

[WitWorld("shop:rules/pricing-plugin")]
public sealed partial class PricingPlugin;

[WitWorld("shop:rules/tax-plugin")]
public sealed partial class TaxPlugin;

[WitWorld("shop:rules/search-plugin")]
public sealed partial class SearchPlugin;

/// <summary>What the shop sells, for its own pages and for plug-ins.</summary>
internal sealed class Catalog : ICatalog
{
    public static IReadOnlyList<Article> Articles { get; } =
    [
        new("mug", "Mug with a kestrel", 1200, ["kitchen", "sale"]),
        new("shirt", "Shirt, grey", 2500, ["clothes"]),
        new("kite", "Kite, two lines", 4900, ["outside", "sale"]),
        new("map", "Map of the moor", 900, ["outside", "paper"]),
        new("bell", "Falconer's bell", 3100, ["outside"]),
    ];

    public IReadOnlyList<Article> Tagged(string tag) => [.. Articles.Where(a => a.Tags.Contains(tag))];
}
