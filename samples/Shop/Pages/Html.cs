using System.Globalization;
using System.Net;
using System.Text;
using Shop.Shop.Rules.Catalog;

namespace Shop.Pages;

/// <summary>The pages, as text. What comes from people and plug-ins is encoded.</summary>
internal static class Html
{
    public static IResult Shop(IEnumerable<Article> articles, string words)
    {
        var body = new StringBuilder($"""
            <form action="/" method="get"><input name="q" id="q" value="{E(words)}" placeholder="Search"><button id="search">Search</button></form>
            <form action="/basket" method="post"><table id="articles">
            """);
        foreach (Article article in articles)
        {
            body.Append(CultureInfo.InvariantCulture, $"""
                <tr data-sku="{E(article.Sku)}"><td>{E(article.Name)}</td><td>{Money(article.Cents)}</td>
                <td><input type="number" min="0" max="999" name="{E(article.Sku)}" value="0"></td></tr>
                """);
        }

        body.Append("""
            </table><label>Country <input name="country" id="country" value="DE" maxlength="2"></label>
            <button id="buy">To the basket</button></form>
            """);
        return Page("Shop", body.ToString());
    }

    public static IResult Basket(string total, string reason, string tax) => Page("Basket", $"""
        <p>Price: <b id="price">{E(total)}</b> <i id="reason">{E(reason)}</i></p><p>Tax: <b id="tax">{E(tax)}</b></p><p><a href="/">Back</a></p>
        """);

    public static IResult Admin((string Rule, string Plugin)[] rules, string[] files, string[] log, string message)
    {
        var body = new StringBuilder($"<p id=\"message\">{E(message)}</p><table>");
        foreach ((string rule, string plugin) in rules)
        {
            string options = string.Concat(files.Select(f => $"<option{(f == plugin ? " selected" : "")}>{E(f)}</option>"));
            body.Append(CultureInfo.InvariantCulture, $"""
                <tr><td>{E(rule)}</td><td id="{rule}">{E(plugin)}</td><td><form action="/admin" method="post"><input type="hidden" name="rule" value="{E(rule)}">
                <select name="file" id="{rule}-file">{options}</select><button id="{rule}-swap">Swap</button></form></td></tr>
                """);
        }

        body.Append("</table><pre id=\"log\">").Append(E(string.Join('\n', log))).Append("</pre>");
        return Page("Admin", body.ToString());
    }

    public static string Money(long cents) => string.Create(CultureInfo.InvariantCulture, $"{cents / 100}.{cents % 100:00} EUR");

    private static IResult Page(string title, string body) => Results.Text(
        $"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>", "text/html; charset=utf-8");

    private static string E(string text) => WebUtility.HtmlEncode(text);
}
