using Microsoft.Extensions.DependencyInjection;
using Windhover.Apps.Operation;

namespace Windhover.Apps.Tests.Dashboard;

/// <summary>The dashboard and the pages of failures in a real browser. With WINDHOVER_UPDATE=1 it takes the pictures of docs/images.</summary>
[Collection("alone")]
public sealed class BrowserTests
{
    private static readonly bool s_takesPictures = Environment.GetEnvironmentVariable("WINDHOVER_UPDATE") == "1";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_show_apps_requests_errors_and_traces()
    {
        Assert.SkipWhen(Browser.Program is null, "there is no Chromium: apt-get install chromium");
        await using var apps = new AppsFixture();
        apps.WriteShop();
        apps.WriteBroken();
        await apps.StartAsync(o => o.Development = true);
        await CallAsync(apps);
        using HeldRequest held = await HeldRequest.StartAsync(new Uri(apps.Client.BaseAddress!, "/upper"), "held", Cancel);
        await FillGraphAsync(apps);
        string root = apps.Client.BaseAddress + "_windhover/";

        await using Browser browser = await Browser.StartAsync(Cancel);
        await browser.SizeAsync(1200, 900, Cancel);
        await browser.GoAsync(root, Cancel);
        string overview = await TextAsync(browser);
        Assert.Contains("/stock.internal/{**path}", overview, StringComparison.Ordinal);
        Assert.Contains("missing.wasm", overview, StringComparison.Ordinal); // The app that is not served says why.
        await PictureAsync(browser, "dashboard", 1200, 720);

        await browser.GoAsync(root + "requests", Cancel);
        Assert.Contains("POST /upper", await TextAsync(browser), StringComparison.Ordinal);
        Assert.Contains("under way", await TextAsync(browser), StringComparison.Ordinal);

        await browser.GoAsync(root + "errors", Cancel);
        Assert.Contains("wasm backtrace", await browser.EvaluateAsync("document.querySelector('details').textContent", Cancel), StringComparison.Ordinal);

        // From the failed request to its backtrace, and by the request of the front to the trace through both apps.
        await browser.EvaluateAsync("[...document.querySelectorAll('tbody a')].find(a => a.textContent.includes('/trap/')).id = 'failed'", Cancel);
        await browser.ClickAsync("failed", Cancel);
        Assert.Contains("wasm backtrace", await TextAsync(browser), StringComparison.Ordinal);
        await browser.GoAsync(root + "requests", Cancel);
        await browser.EvaluateAsync("[...document.querySelectorAll('tbody a')].find(a => a.textContent.trim() == 'GET /stock.internal/').id = 'front'", Cancel);
        await browser.ClickAsync("front", Cancel);
        string request = await TextAsync(browser);
        Assert.Contains("guest front", request, StringComparison.Ordinal);
        Assert.Contains("guest stock", request, StringComparison.Ordinal);
        await browser.DarkAsync(true, Cancel);
        await PictureAsync(browser, "dashboard-trace", 1200, 560);
        await browser.DarkAsync(false, Cancel);

        await browser.GoAsync(root + "apps/stock", Cancel);
        string app = await TextAsync(browser);
        Assert.Contains("CURRENCY", app, StringComparison.Ordinal);
        Assert.DoesNotContain("EUR", app, StringComparison.Ordinal); // A value may be a secret.
        Assert.NotEqual("0", await browser.EvaluateAsync("document.querySelectorAll('meter').length", Cancel));
        await PictureAsync(browser, "dashboard-app", 1200, 900);

        await browser.GoAsync(root + "logs?level=warning", Cancel);
        await PictureAsync(browser, "dashboard-logs", 1200, 620);
        Assert.Empty(browser.Complaints);
        Assert.Equal("HELD", await held.FinishAsync(Cancel));
    }

    [Fact]
    public async Task The_keyboard_reaches_everything_and_a_narrow_screen_shows_it()
    {
        Assert.SkipWhen(Browser.Program is null, "there is no Chromium: apt-get install chromium");
        await using var apps = new AppsFixture();
        apps.WriteShop();
        apps.WriteBroken();
        await apps.StartAsync();
        await CallAsync(apps);
        string root = apps.Client.BaseAddress + "_windhover/";
        await using Browser browser = await Browser.StartAsync(Cancel);
        await browser.SizeAsync(360, 740, Cancel);
        await browser.GoAsync(root, Cancel);

        await browser.KeyAsync("Tab", Cancel);
        Assert.Equal("Skip to content", await FocusAsync(browser));
        var reached = new List<string>();
        for (string at = ""; at != "tools" && reached.Count < 30; reached.Add(at))
        {
            await browser.KeyAsync("Tab", Cancel);
            at = await FocusAsync(browser);
        }

        Assert.Equal(["Windhover", "Apps", "Requests", "Errors", "Traces", "Logs", "Live: off"], reached.Take(7));
        Assert.Contains("front", reached);
        // What has the focus is seen to have it.
        Assert.NotEqual("none", await browser.EvaluateAsync("getComputedStyle(document.activeElement).outlineStyle", Cancel));
        await browser.KeyAsync("Enter", Cancel, leads: true);
        Assert.StartsWith("tools", await browser.EvaluateAsync("document.title", Cancel), StringComparison.Ordinal);

        // The log's form by keyboard: a word, then Enter.
        await browser.GoAsync(root + "logs", Cancel);
        await browser.EvaluateAsync("document.querySelector('input[name=q]').focus()", Cancel);
        foreach (char letter in "unreachable")
            await browser.KeyAsync(letter.ToString(), Cancel);
        await browser.KeyAsync("Enter", Cancel, leads: true);
        Assert.Contains("wasm backtrace", await TextAsync(browser), StringComparison.Ordinal);
        Assert.DoesNotContain("hello from a guest", await TextAsync(browser), StringComparison.Ordinal);

        foreach (string page in new[] { "", "requests", "errors", "traces", "logs", "apps/tools", "requests/1", "nothing" })
        {
            await browser.GoAsync(root + page, Cancel);
            Assert.Equal("0", await browser.EvaluateAsync("Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)", Cancel));
            Assert.Equal("1", await browser.EvaluateAsync("document.querySelectorAll('h1').length", Cancel));
        }

        await browser.GoAsync(root, Cancel);
        await PictureAsync(browser, "dashboard-narrow", 360, 740);

        // Live: the page comes again by itself.
        await browser.GoAsync(root + "requests?live=1", Cancel);
        await browser.NextAsync(Cancel);
        Assert.Contains("Live: on", await browser.EvaluateAsync("document.querySelector('.live').textContent", Cancel), StringComparison.Ordinal);
        Assert.DoesNotContain(browser.Complaints, c => !c.Contains("404", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_log_in_opens_a_server_with_a_token()
    {
        Assert.SkipWhen(Browser.Program is null, "there is no Chromium: apt-get install chromium");
        await using var apps = new AppsFixture();
        apps.WriteShop();
        await apps.StartAsync(o => o.AdminToken = "a long & random token");
        string root = apps.Client.BaseAddress + "_windhover/";
        await using Browser browser = await Browser.StartAsync(Cancel);
        await browser.SizeAsync(900, 500, Cancel);
        await browser.GoAsync(root, Cancel);
        await TypeAsync(browser, "wrong");
        Assert.Contains("This is not the token", await browser.EvaluateAsync("document.body.innerText", Cancel), StringComparison.Ordinal);
        await TypeAsync(browser, "a long & random token");
        Assert.Contains("/stock.internal/", await TextAsync(browser), StringComparison.Ordinal);

        // It holds for links, for a reload by itself, and not after the log-out.
        await browser.EvaluateAsync("document.querySelector('nav a:nth-child(2)').id = 'requests'", Cancel);
        await browser.ClickAsync("requests", Cancel);
        Assert.Contains("Under way", await TextAsync(browser), StringComparison.Ordinal);
        await browser.EvaluateAsync("document.querySelector('form[action$=logout] button').id = 'out'", Cancel);
        await browser.ClickAsync("out", Cancel);
        await browser.GoAsync(root + "logs", Cancel);
        Assert.Equal("1", await browser.EvaluateAsync("document.querySelectorAll('input[type=password]').length", Cancel));

        async Task TypeAsync(Browser page, string token)
        {
            await page.FillAsync("#token", token, Cancel);
            await page.EvaluateAsync("document.querySelector('#token').focus()", Cancel);
            await page.KeyAsync("Enter", Cancel, leads: true);
        }
    }

    [Fact]
    public async Task A_failing_request_shows_a_developer_why()
    {
        Assert.SkipWhen(Browser.Program is null, "there is no Chromium: apt-get install chromium");
        await using var apps = new AppsFixture();
        apps.WriteShop();
        apps.WriteBroken();
        apps.WriteCheckout();
        await apps.StartAsync(o => o.Development = true);
        await using Browser browser = await Browser.StartAsync(Cancel);
        await browser.SizeAsync(1200, 720, Cancel);
        await browser.GoAsync(apps.Client.BaseAddress + "checkout/17", Cancel);
        Assert.Contains("apply_coupon", await browser.TextAsync("failure", Cancel), StringComparison.Ordinal); // The guest's own names.
        Assert.Contains("coupon NOV28", await TextAsync(browser), StringComparison.Ordinal);
        await PictureAsync(browser, "failure", 1200, 560);
        await browser.GoAsync(apps.Client.BaseAddress + "trap/%3Cscript%3Ehacked=1", Cancel);
        Assert.Contains("wasm backtrace", await browser.TextAsync("failure", Cancel), StringComparison.Ordinal);
        Assert.Contains("/trap/<script>hacked=1", await TextAsync(browser), StringComparison.Ordinal);
        Assert.Equal("undefined", await browser.EvaluateAsync("typeof hacked", Cancel));
        await browser.EvaluateAsync("document.querySelector('a[href^=\"/_windhover/requests/\"]').id = 'more'", Cancel);
        await browser.ClickAsync("more", Cancel);
        Assert.Contains("wasm backtrace", await TextAsync(browser), StringComparison.Ordinal);

        // And a path that nobody answers: what there is, and what is wrong.
        await browser.GoAsync(apps.Client.BaseAddress + "billing", Cancel);
        Assert.Contains("missing.wasm", await TextAsync(browser), StringComparison.Ordinal);
        Assert.Contains("/say", await TextAsync(browser), StringComparison.Ordinal);
    }

    private static async Task CallAsync(AppsFixture apps)
    {
        foreach (string path in new[] { "/api/", "/api/", "/stock.internal/", "/say?text=hello+from+a+guest", "/trap/now", "/api/orders/17", "/say?text=low+on+apples:+3+left", "/stock.internal/echo" })
            (await apps.Client.GetAsync(path, Cancel)).Dispose();
    }

    // Three minutes for the picture, in less.
    private static async Task FillGraphAsync(AppsFixture apps)
    {
        if (!s_takesPictures)
            return;
        var history = apps.Services.GetRequiredService<LoadHistory>();
        for (int i = 0; i < LoadHistory.Slots; i++)
        {
            for (int n = 0; n < 8 + (6 * Math.Sin(i / 6.0)) + (i % 7); n++)
                (await apps.Client.GetAsync(n % 3 == 0 ? "/stock.internal/" : "/api/orders/17", Cancel)).Dispose();
            if (i is 30 or 31 or 70)
                (await apps.Client.GetAsync("/trap/now", Cancel)).Dispose();
            history.Take();
        }

        await CallAsync(apps);
    }

    private static Task<string> TextAsync(Browser browser) => browser.TextAsync("main", Cancel);

    private static Task<string> FocusAsync(Browser browser) => browser.EvaluateAsync("document.activeElement.textContent.trim()", Cancel);

    private static async Task PictureAsync(Browser browser, string name, int width = 1200, int height = 900)
    {
        if (!s_takesPictures)
            return;
        await browser.SizeAsync(width, height, Cancel);
        await File.WriteAllBytesAsync(AppsFixture.Guest($"../docs/images/{name}.png"), await browser.ScreenshotAsync(Cancel), Cancel);
    }
}
