using System.Net;
using System.Text;

namespace Windhover.Apps.Tests.Serving;

public sealed class AppsTests
{
    private const string Hello = """
        name = "hello"
        [component.web]
        source = "c-http.wasm"
        [[http]]
        route = "/{**path}"
        """;

    [Fact]
    public async Task A_handler_answers_and_the_server_tells_of_itself()
    {
        await using var apps = new AppsFixture();
        apps.Write("hello", Hello, "c-http/c-http.wasm");
        await apps.StartAsync();
        Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/"));
        Assert.Equal("ok\n", await apps.Client.GetStringAsync("/healthz"));
        Assert.Contains("\"ready\":true", await apps.Client.GetStringAsync("/readyz"), StringComparison.Ordinal);
        Assert.Contains("\"requests\":1", await apps.Client.GetStringAsync("/_windhover/api/apps"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_manifest_is_a_problem_of_its_app_only()
    {
        await using var apps = new AppsFixture();
        apps.Write("hello", Hello, "c-http/c-http.wasm");
        apps.Write("wrong", "name = \"wrong\"\nrout = 1");
        apps.Write("zz", Hello.Replace("name = \"hello\"", "name = \"zz\"", StringComparison.Ordinal), "c-http/c-http.wasm");
        await apps.StartAsync();
        Assert.Equal("Hello from C\n", await apps.Client.GetStringAsync("/"));
        string ready = await apps.Client.GetStringAsync("/readyz");
        Assert.Contains("wrong/windhover.toml:1:1", ready, StringComparison.Ordinal);
        Assert.Contains("is taken by the app `hello`", ready.Replace("\\u0060", "`", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unchanged_program_answers_by_cgi()
    {
        await using var apps = new AppsFixture();
        apps.Write(
            "tool",
            """
            name = "tool"
            [component.cli]
            source = "c-cli.wasm"
            env = { GRANTED = "yes" }
            [[http]]
            route = "/args/{a}/{b}"
            args = ["args", "{a}", "{b}", "{q}", "a literal"]
            content-type = "text/x-args"
            [[http]]
            route = "/env/{**rest}"
            args = ["env"]
            [[http]]
            route = "/cat"
            args = ["cat"]
            [[http]]
            route = "/exit"
            args = ["exit", "3"]
            """,
            "c-cli/c-cli.wasm");
        await apps.StartAsync();
        HttpResponseMessage args = await apps.Client.GetAsync("/args/x/y%20z;rm?q=%24(id)", TestContext.Current.CancellationToken);
        Assert.Equal("text/x-args", args.Content.Headers.ContentType!.ToString());
        Assert.Equal("x\ny z;rm\n$(id)\na literal\n", await args.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var request = new HttpRequestMessage(HttpMethod.Get, "/env/deep/path?x=1");
        request.Headers.Add("Proxy", "http://evil");
        request.Headers.Add("X-Some-Thing", "some");
        string env = await (await apps.Client.SendAsync(request, TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        foreach (string line in new[] { "GRANTED=yes", "REQUEST_METHOD=GET", "SCRIPT_NAME=/env", "PATH_INFO=/deep/path", "QUERY_STRING=x=1", "HTTP_X_SOME_THING=some", "ROUTE_REST=deep/path" })
            Assert.Contains(line + "\n", env, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP_PROXY", env, StringComparison.Ordinal);

        byte[] body = [.. Enumerable.Range(0, 300_000).Select(i => (byte)i)];
        HttpResponseMessage cat = await apps.Client.PostAsync("/cat", new ByteArrayContent(body), TestContext.Current.CancellationToken);
        Assert.Equal(body, await cat.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(HttpStatusCode.InternalServerError, (await apps.Client.GetAsync("/exit", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task Exported_functions_are_json_endpoints_with_openapi()
    {
        await using var apps = new AppsFixture();
        apps.Write(
            "calc",
            """
            name = "calc"
            [component.core]
            source = "assemblyscript-core.wasm"
            [[http]]
            route = "/calc/{**function}"
            """,
            "assemblyscript/assemblyscript-core.wasm");
        await apps.StartAsync();
        Assert.Equal("6", await Post("/calc/gcd", """{"p0": 12, "p1": 18}""", HttpStatusCode.OK));
        Assert.Contains("`p1` is missing", await Post("/calc/gcd", """{"p0": 12}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("`p1` does not fit", await Post("/calc/gcd", """{"p0": 12, "p1": "x"}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("no parameter `p9`", await Post("/calc/gcd", """{"p9": 12}""", HttpStatusCode.BadRequest), StringComparison.Ordinal);
        Assert.Contains("no function `nope`", await Post("/calc/nope", "{}", HttpStatusCode.NotFound), StringComparison.Ordinal);
        string openapi = await apps.Client.GetStringAsync("/calc/openapi.json");
        Assert.Contains("\"openapi\":\"3.1.0\"", openapi, StringComparison.Ordinal);
        Assert.Contains("\"/calc/gcd\":{\"post\"", openapi, StringComparison.Ordinal);

        async Task<string> Post(string path, string json, HttpStatusCode expected)
        {
            HttpResponseMessage answer = await apps.Client.PostAsync(path, new StringContent(json, Encoding.UTF8, "application/json"));
            Assert.Equal(expected, answer.StatusCode);
            return System.Text.RegularExpressions.Regex.Unescape(await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task In_development_a_failure_shows_the_backtrace_and_otherwise_nothing()
    {
        await using var apps = new AppsFixture();
        apps.Write("hello", Hello, "c-http/c-http.wasm");
        await apps.StartAsync(o => o.Development = true);
        HttpResponseMessage page = await apps.Client.GetAsync("/trap", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, page.StatusCode);
        Assert.Contains("wasm backtrace", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await using var production = new AppsFixture();
        production.Write("hello", Hello, "c-http/c-http.wasm");
        await production.StartAsync();
        Assert.Empty(await (await production.Client.GetAsync("/trap", TestContext.Current.CancellationToken)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_administration_is_for_this_machine_or_a_token()
    {
        await using var apps = new AppsFixture();
        apps.Write("hello", Hello, "c-http/c-http.wasm");
        await apps.StartAsync();
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "/_windhover/api/apps") { Headers = { Host = "evil.example" } };
        Assert.Equal(HttpStatusCode.Forbidden, (await apps.Client.SendAsync(rebound, TestContext.Current.CancellationToken)).StatusCode);
        HttpResponseMessage page = await apps.Client.GetAsync("/_windhover/apps/hello", TestContext.Current.CancellationToken);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("c-http.wasm", await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await using var guarded = new AppsFixture();
        guarded.Write("hello", Hello, "c-http/c-http.wasm");
        await guarded.StartAsync(o => o.AdminToken = "s3cret");
        Assert.Equal(HttpStatusCode.Unauthorized, (await guarded.Client.GetAsync("/_windhover/", TestContext.Current.CancellationToken)).StatusCode);
        guarded.Client.DefaultRequestHeaders.Authorization = new("Bearer", "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, (await guarded.Client.GetAsync("/_windhover/", TestContext.Current.CancellationToken)).StatusCode);
        guarded.Client.DefaultRequestHeaders.Authorization = new("Bearer", "s3cret");
        Assert.Equal(HttpStatusCode.OK, (await guarded.Client.GetAsync("/_windhover/", TestContext.Current.CancellationToken)).StatusCode);
    }

    [Fact]
    public async Task A_change_is_served_and_a_mistake_is_not()
    {
        await using var apps = new AppsFixture();
        string file = apps.Write("hello", Hello, "c-http/c-http.wasm");
        await apps.StartAsync(o => o.Watch = true);
        Assert.Equal(HttpStatusCode.OK, (await apps.Client.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode);

        await File.WriteAllTextAsync(file, Hello.Replace("/{**path}", "/moved/{**path}", StringComparison.Ordinal), TestContext.Current.CancellationToken);
        await apps.LineAsync(l => l.Message.StartsWith("version 2 serves", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NotFound, (await apps.Client.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.NotEqual(HttpStatusCode.InternalServerError, (await apps.Client.GetAsync("/moved/", TestContext.Current.CancellationToken)).StatusCode);

        await File.WriteAllTextAsync(file, "name = \"hello\"\nwrong = 1", TestContext.Current.CancellationToken);
        await apps.LineAsync(l => l.Message.Contains("windhover.toml:", StringComparison.Ordinal));
        Assert.NotEqual(HttpStatusCode.InternalServerError, (await apps.Client.GetAsync("/moved/", TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(2, apps.Server.Find("hello")!.Version);
    }
}
