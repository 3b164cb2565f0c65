using System.Net;

namespace Windhover.Apps.Tests.Dashboard;

/// <summary>Guests write markup, apps' pages reach for the dashboard, and strangers try to get in.</summary>
[Collection("alone")]
public sealed class HostileTests
{
    private const string Markup = "</pre></td><script>hacked=1</script><img src=x onerror=hacked=2><svg onload=hacked=3>\u001b[31m\u202egnp.exe";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_guest_wrote_stays_text()
    {
        Assert.SkipWhen(Browser.Program is null, "there is no Chromium: apt-get install chromium");
        await using var apps = new AppsFixture();
        apps.WriteShop();
        // Where a manifest lies and what it says is no more to be trusted.
        apps.Write("<img src=x onerror=hacked=4>", "name = \"x\"\n'<script>hacked=5</script>' = 1\n");
        apps.Write(
            "odd",
            $"""
            name = "odd"
            description = '<script>hacked=6</script>'
            [component.'main']
            source = "c-cli.wasm"
            [[http]]
            route = "/<script>hacked=7</script>/x"
            """,
            "c-cli/c-cli.wasm");
        await apps.StartAsync(o => o.Development = true);
        (await apps.Client.GetAsync("/say?text=" + Uri.EscapeDataString(Markup), Cancel)).Dispose();
        (await apps.Client.GetAsync("/trap/" + Uri.EscapeDataString(Markup), Cancel)).Dispose();
        string trap = apps.Server.Services.Requests.Failed()[0].Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string trace = apps.Server.Services.Requests.Failed()[0].Trace!;
        string root = apps.Client.BaseAddress + "_windhover/";
        await using Browser browser = await Browser.StartAsync(Cancel);
        string hostile = Uri.EscapeDataString("\"><script>hacked=8</script>");
        foreach (string page in new[]
        {
            "", $"?q={hostile}&sort={hostile}&page={hostile}", "requests", $"requests/{trap}", "errors", "traces", $"traces/{trace}", "logs",
            $"logs?app={hostile}&level={hostile}&q={hostile}", $"logs?app=tools&live=1&q={Uri.EscapeDataString("<script>")}", "apps/tools", "apps/odd", $"apps/{hostile}", $"{hostile}",
        })
        {
            await browser.GoAsync(root + page, Cancel);
            Assert.Equal("undefined", await browser.EvaluateAsync("typeof hacked", Cancel));
            Assert.Equal("0", await browser.EvaluateAsync("document.querySelectorAll('script,img,iframe,main svg[onload],[onerror],[onload]').length", Cancel));
        }

        await browser.GoAsync(root + "logs?app=tools", Cancel);
        string text = await browser.TextAsync("main", Cancel);
        Assert.Contains("</pre></td><script>hacked=1</script><img src=x onerror=hacked=2><svg onload=hacked=3>␛[31m\\u202egnp.exe", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_of_an_app_cannot_read_the_dashboard()
    {
        Assert.SkipWhen(Browser.Program is null, "there is no Chromium: apt-get install chromium");
        await using var apps = new AppsFixture();
        apps.WriteShop();
        await apps.StartAsync();
        await using Browser browser = await Browser.StartAsync(Cancel);
        // The page of an app is on the dashboard's origin.
        await browser.GoAsync(apps.Client.BaseAddress + "api/", Cancel);
        Assert.Equal("403", await browser.EvaluateAsync("fetch('/_windhover/api/logs').then(r => String(r.status))", Cancel));
        Assert.Equal("403", await browser.EvaluateAsync("fetch('/_windhover/', { mode: 'no-cors' }).then(r => String(r.status))", Cancel));
        Assert.Equal("403", await browser.EvaluateAsync("fetch('/_windhover/api/topics/orders', { method: 'POST', headers: { 'windhover-admin': '1' } }).then(r => String(r.status))", Cancel));
        Assert.StartsWith(
            "A browser is let in when a person goes to a page",
            await browser.EvaluateAsync(
                "new Promise(done => { const f = document.createElement('iframe'); f.onload = () => { try { done(f.contentDocument.body.innerText || 'nothing'); } catch { done('nothing'); } }; f.src = '/_windhover/'; document.body.append(f); })",
                Cancel),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host", "evil.example")]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    [InlineData("Via", "1.1 proxy")]
    [InlineData("Sec-Fetch-Mode", "cors")]
    [InlineData("Sec-Fetch-Mode", "no-cors")]
    [InlineData("Sec-Fetch-Dest", "iframe")]
    public async Task Without_a_token_only_a_person_on_this_machine_is_let_in(string name, string value)
    {
        await using var apps = new AppsFixture();
        apps.WriteShop();
        await apps.StartAsync();
        foreach (string path in new[] { "/_windhover", "/_windhover/", "/_windhover/api/apps", "/_windhover/api/logs", "/_windhover/requests", "/_windhover/login" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation(name, value);
            Assert.Equal(HttpStatusCode.Forbidden, (await apps.Client.SendAsync(request, Cancel)).StatusCode);
        }
    }

    [Fact]
    public async Task A_cookie_is_for_pages_and_cannot_be_made_up()
    {
        await using var apps = new AppsFixture();
        apps.WriteShop();
        await apps.StartAsync(o => o.AdminToken = "the token");
        using var form = new FormUrlEncodedContent([new("token", "the token")]);
        using var plain = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = apps.Client.BaseAddress };
        HttpResponseMessage logIn = await plain.PostAsync("/_windhover/login", form, Cancel);
        Assert.Equal(HttpStatusCode.SeeOther, logIn.StatusCode);
        string cookie = logIn.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/_windhover", cookie, StringComparison.OrdinalIgnoreCase);
        cookie = cookie.Split(';')[0];

        Assert.Equal(HttpStatusCode.OK, await GetAsync("/_windhover/", cookie, "navigate"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync("/_windhover/", cookie, "cors"));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync("/_windhover/", cookie, null)); // Plain HTTP from elsewhere: the browser does not say.
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/_windhover/api/logs", cookie, "navigate"));
        string[] parts = cookie.Split('=', 2)[1].Split('.');
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/_windhover/", $"windhover-admin={long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture) + 1}.{parts[1]}", "navigate"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/_windhover/", "windhover-admin=99999999999.", "navigate"));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync("/_windhover/", "windhover-admin=", "navigate"));

        async Task<HttpStatusCode> GetAsync(string path, string presented, string? mode)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Cookie", presented);
            if (mode is not null)
                request.Headers.Add("Sec-Fetch-Mode", mode);
            return (await plain.SendAsync(request, Cancel)).StatusCode;
        }
    }

    [Fact]
    public async Task A_port_of_its_own_answers_alone()
    {
        await using var apps = new AppsFixture();
        apps.WriteShop();
        await apps.StartAsync(o => o.AdminPort = 1);
        Assert.Equal(HttpStatusCode.NotFound, (await apps.Client.GetAsync("/_windhover/", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.GetAsync("/healthz", Cancel)).StatusCode);
    }
}
