using System.Globalization;
using System.Net;

namespace Shop.Pages;

/// <summary>What all pages share. Whatever comes from people and plug-ins goes through <see cref="E"/>.</summary>
internal static class Html
{
    public static IResult Page(string title, string body) => Results.Text($"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{E(title)} · Windhover Shop</title><link rel="stylesheet" href="/shop.css"></head>
        <body>
        <header><a class="name" href="/">Windhover Shop</a><nav><a href="/">Articles</a><a href="/admin">Rules</a></nav></header>
        <main><h1>{E(title)}</h1>
        {body}
        </main>
        <footer>Prices, taxes and search are plug-ins: WebAssembly in a sandbox each, exchanged while the shop is open.</footer>
        </body></html>
        """, "text/html; charset=utf-8");

    public static string Money(long cents) => string.Create(CultureInfo.InvariantCulture, $"{cents / 100}.{cents % 100:00} EUR");

    public static string E(string text) => WebUtility.HtmlEncode(text);
}
