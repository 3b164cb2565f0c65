using System.Globalization;
using System.Text;
using Shop.Shop.Rules.Catalog;
using static Shop.Pages.Html;

namespace Shop.Pages;

/// <summary>What a customer sees.</summary>
internal static class ShopPages
{
    public static IResult Articles(IReadOnlyList<Article> articles, string words)
    {
        var body = new StringBuilder($"""
            <form action="/" method="get" class="row"><input name="q" id="q" value="{E(words)}" placeholder="Search: kite, outside, sale …" aria-label="Search"><button id="search">Search</button></form>
            <form action="/basket" method="post"><div id="articles" class="cards">
            """);
        foreach (Article article in articles)
        {
            string tags = string.Concat(article.Tags.Select(t => $"<span class=\"tag {E(t)}\">{E(t)}</span> "));
            body.Append(CultureInfo.InvariantCulture, $"""
                <section class="card" data-sku="{E(article.Sku)}"><h2>{E(article.Name)}</h2><div>{tags}</div>
                <div class="row"><span class="price">{Money(article.Cents)}</span><input type="number" min="0" max="999" name="{E(article.Sku)}" value="0" aria-label="How many"></div></section>
                """);
        }

        body.Append(articles.Count == 0 ? "<p class=\"soft\">Nothing was found.</p>" : "");
        body.Append("""
            </div><div class="row"><label>Country <input name="country" id="country" value="DE" maxlength="2" size="3" list="countries"></label>
            <datalist id="countries"><option>DE<option>FR<option>LU<option>CH</datalist><button id="buy">To the basket</button></div></form>
            """);
        return Page("Articles", body.ToString());
    }

    public static IResult Basket(Quote quote)
    {
        var body = new StringBuilder("<table><tr><th>Article<th>Quantity<th class=\"number\">Price</tr>");
        foreach ((Article article, uint quantity) in quote.Lines)
            body.Append(CultureInfo.InvariantCulture, $"<tr><td>{E(article.Name)}</td><td>{quantity}</td><td class=\"number\">{Money((long)article.Cents * quantity)}</td></tr>");
        string tax = quote.Tax is { } cents ? Money(cents) : quote.WhyNoTax;
        body.Append($"""
            <tr><td colspan="2">Price <span class="soft" id="reason">{E(quote.Reason)}</span></td><td class="number" id="price">{Money(quote.Cents)}</td></tr>
            <tr><td colspan="2">Tax</td><td class="number" id="tax">{E(tax)}</td></tr>
            <tr class="total"><td colspan="2">Total</td><td class="number" id="total">{Money(quote.Cents + (quote.Tax ?? 0))}</td></tr></table>
            <p><a href="/">Back to the articles</a></p>
            """);
        return Page("Basket", body.ToString());
    }
}
