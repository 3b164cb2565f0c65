using System.Diagnostics;
using Windhover.Tests.Packaging;

namespace Windhover.Tests.Samples;

/// <summary>samples/Shop as a customer and its administrator see it, in a real browser.</summary>
public sealed class ShopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rules_are_exchanged_while_the_shop_is_open_and_a_hostile_one_harms_nobody()
    {
        Assert.SkipWhen(Browser.Program is null, "there is no Chromium: apt-get install chromium");
        await using Shop shop = await Shop.StartAsync(Cancel);
        await using Browser browser = await Browser.StartAsync(Cancel);

        await browser.GoAsync(shop.Url, Cancel);
        Assert.Equal("5", await browser.EvaluateAsync("document.querySelectorAll('#articles [data-sku]').length", Cancel));
        await browser.FillAsync("#q", "outside kite", Cancel);
        await browser.ClickAsync("search", Cancel);
        Assert.Equal("kite,map,bell", await browser.EvaluateAsync("[...document.querySelectorAll('#articles [data-sku]')].map(r => r.dataset.sku).join()", Cancel));

        // The rule in C asks the host for what is on sale; the tax is Rust's.
        Assert.Equal(("9.60 EUR", "20 % off the sale", "1.82 EUR"), await BuyAsync("DE"));
        Assert.Equal("no tax is known for '<>'", (await BuyAsync("<>")).Tax);

        await SwapAsync("pricing", "pricing-summer");
        Assert.Equal("The pricing rule is now 'pricing-summer'.", await browser.TextAsync("message", Cancel));
        Assert.Equal("4.80 EUR", (await BuyAsync("DE")).Price);

        // A rule for another world is refused in words, and the old one stays.
        await SwapAsync("pricing", "search-js");
        Assert.Contains("does not export the interface `shop:rules/pricing@1.0.0`", await browser.TextAsync("message", Cancel), StringComparison.Ordinal);
        Assert.Equal("pricing-summer", await browser.TextAsync("pricing", Cancel));

        await SwapAsync("pricing", "pricing-hostile");
        Assert.Equal(("12.00 EUR", "list price: the pricing rule failed", "2.28 EUR"), await BuyAsync("DE"));
        await browser.GoAsync($"{shop.Url}/admin", Cancel);
        Assert.Contains("ran longer than 0.5 s", await browser.TextAsync("log", Cancel), StringComparison.Ordinal);
        Assert.Matches(@"x… \(×\d+\)", await browser.TextAsync("log", Cancel));
        Assert.Equal("1 failed", await browser.TextAsync("pricing-failures", Cancel));
        await browser.GoAsync($"{shop.Url}/?q=kite", Cancel);
        Assert.Equal("kite", await browser.EvaluateAsync("[...document.querySelectorAll('#articles [data-sku]')].map(r => r.dataset.sku).join()", Cancel));

        await SwapAsync("pricing", "pricing-c");
        Assert.Equal("9.60 EUR", (await BuyAsync("DE")).Price);

        async Task<(string Price, string Reason, string Tax)> BuyAsync(string country)
        {
            await browser.GoAsync(shop.Url, Cancel);
            await browser.FillAsync("input[name=mug]", "1", Cancel);
            await browser.FillAsync("#country", country, Cancel);
            await browser.ClickAsync("buy", Cancel);
            return (await browser.TextAsync("price", Cancel), await browser.TextAsync("reason", Cancel), await browser.TextAsync("tax", Cancel));
        }

        async Task SwapAsync(string rule, string file)
        {
            await browser.GoAsync($"{shop.Url}/admin", Cancel);
            await browser.FillAsync($"#{rule}-file", file, Cancel);
            await browser.ClickAsync($"{rule}-swap", Cancel);
        }
    }

    /// <summary>The shop as a process of its own on a free port.</summary>
    private sealed class Shop(Process process, string url) : IAsyncDisposable
    {
        public string Url { get; } = url;

        public static async Task<Shop> StartAsync(CancellationToken cancellation)
        {
            string program = Path.Combine(DotNet.Root, "samples/Shop/bin", DotNet.Configuration, "net10.0/Shop.dll");
            Assert.True(File.Exists(program), $"{program} is not built: dotnet build samples/Shop");
            var start = new ProcessStartInfo("dotnet", [program, "--urls", "http://127.0.0.1:0"]) { RedirectStandardOutput = true, WorkingDirectory = Path.GetDirectoryName(program) };
            Process process = Process.Start(start)!;
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(TimeSpan.FromSeconds(60));
            const string Marker = "Now listening on: ";
            while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            {
                int at = line.IndexOf(Marker, StringComparison.Ordinal);
                if (at < 0)
                    continue;
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return new Shop(process, line[(at + Marker.Length)..].Trim());
            }

            throw new InvalidOperationException($"The shop ended with {process.ExitCode}.");
        }

        public async ValueTask DisposeAsync()
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
