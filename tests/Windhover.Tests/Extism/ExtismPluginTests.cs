using System.Net;
using System.Net.Sockets;
using System.Text;
using Windhover.Engine;
using Windhover.Plugins;
using Windhover.Plugins.Extism;

namespace Windhover.Tests.Extism;

public sealed class ExtismPluginTests(HostFixture fixture) : IClassFixture<HostFixture>
{
    private static readonly string s_guest = Path.Combine(AppContext.BaseDirectory, "guests", "extism-c.wasm");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_in_bytes_out()
    {
        using ExtismPlugin plugin = await Load();
        Assert.Equal("3", plugin.Call("count_vowels", "Hello, WORLD"));
        for (int length = 0; length < 40; length++)
        {
            byte[] bytes = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 37))];
            Assert.Equal(bytes, plugin.Call("echo", bytes));
        }

        Assert.Equal(1 << 20, plugin.Call("echo", new byte[1 << 20]).Length);
    }

    [Fact]
    public async Task Config_and_variables()
    {
        using ExtismPlugin plugin = await Load("""{ "wasm": [{ "path": "PATH" }], "config": { "currency": "EUR" } }""");
        Assert.Equal(("EUR", "(none)"), (plugin.Call("configured", "currency"), plugin.Call("configured", "other")));
        Assert.Equal(["1", "2", "3"], Enumerable.Range(0, 3).Select(_ => plugin.Call("counter", "")));
        plugin.Call("forget");
        Assert.Equal("1", plugin.Call("counter", ""));
        Assert.Contains("max_var_bytes", Assert.Throws<PluginImportException>(() => plugin.Call("fill")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_of_the_plugin_and_a_function_of_the_host()
    {
        var options = new ExtismOptions().AddFunction("shout", text => Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text).ToUpperInvariant()));
        using ExtismPlugin plugin = await ExtismPlugin.LoadAsync(fixture.Host, s_guest, options, Cancel);
        Assert.Equal("LOUD", plugin.Call("shout", "loud"));
        Assert.Contains("no such article", Assert.Throws<PluginTrapException>(() => plugin.Call("fails")).Message, StringComparison.Ordinal);
        Assert.Equal("QUIET", plugin.Call("shout", "quiet"));
    }

    [Fact]
    public async Task Addresses_that_mean_nothing()
    {
        using ExtismPlugin plugin = await Load();
        Assert.Equal("0", plugin.Call("wild", "some input"));
        Assert.Contains("output_set", Assert.Throws<PluginImportException>(() => plugin.Call("wild_output")).Import, StringComparison.Ordinal);
        Assert.Equal("1", plugin.Call("count_vowels", "a"));
    }

    [Fact]
    public async Task Time_and_memory_end()
    {
        using ExtismPlugin plugin = await Load("""{ "wasm": [{ "path": "PATH" }], "timeout_ms": 50, "memory": { "max_pages": 64 } }""");
        Assert.Equal(TrapKind.Interrupt, Assert.Throws<PluginBudgetException>(() => plugin.Call("spin")).Kind);
        Assert.Contains("used up", Assert.Throws<PluginImportException>(() => plugin.Call("hoard")).Message, StringComparison.Ordinal);
        Assert.Equal(TrapKind.Unreachable, Assert.Throws<PluginTrapException>(() => plugin.Call("trap")).Kind);
        Assert.Equal("1", plugin.Call("count_vowels", "a"));
    }

    [Fact]
    public async Task Http_to_allowed_hosts_only()
    {
        using var listener = new HttpListener();
        int port = FreePort();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        Task serving = Task.Run(async () =>
        {
            HttpListenerContext context = await listener.GetContextAsync();
            Assert.Equal(("POST", "yes"), (context.Request.HttpMethod, context.Request.Headers["X-Test"]));
            context.Response.StatusCode = 201;
            context.Response.Headers["X-Answer"] = "42";
            context.Response.Close(Encoding.UTF8.GetBytes("made"), willBlock: true);
        }, Cancel);
        var lines = new List<string>();
        var options = new ExtismOptions { Log = (level, line) => lines.Add($"{level}: {line}") };
        options.AddFunction("shout", t => t);
        using ExtismPlugin plugin = await ExtismPlugin.LoadAsync(
            fixture.Host, ExtismManifest.Parse("""{ "wasm": [{ "path": "PATH" }], "allowed_hosts": ["127.0.*"] }""".Replace("PATH", s_guest, StringComparison.Ordinal)), options, Cancel);
        string request = $$"""{ "url": "http://127.0.0.1:{{port}}/x", "method": "POST", "headers": { "X-Test": "yes" } }""";
        Assert.Equal("made", plugin.Call("fetch", request));
        await serving;
        Assert.Equal("Info: 201", lines[0]);
        Assert.Contains("\"x-answer\":\"42\"", lines[1], StringComparison.Ordinal);
        Assert.Contains("not allowed", Assert.Throws<PluginImportException>(() => plugin.Call("fetch", """{ "url": "http://example.com/" }""")).Message, StringComparison.Ordinal);
        Assert.Contains("malformed", Assert.Throws<PluginImportException>(() => plugin.Call("fetch", "{}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("*", "anything", true)]
    [InlineData("*.example.com", "api.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "example.com.evil.net", false)]
    [InlineData("a*b*c", "aXXbYYc", true)]
    [InlineData("", "x", false)]
    public void Hosts_and_patterns(string pattern, string host, bool allowed) => Assert.Equal(allowed, ExtismHttp.Matches(pattern, host));

    [Fact]
    public async Task Modules_that_import_each_other()
    {
        byte[] library = WatCompiler.Compile("(module (func (export \"answer\") (result i32) i32.const 42))");
        byte[] main = WatCompiler.Compile("""
            (module
              (import "library" "answer" (func $answer (result i32)))
              (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
              (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
              (import "extism:host/env" "output_set" (func $output (param i64 i64)))
              (func (export "run") (result i32) (local i64)
                i64.const 1 call $alloc local.tee 0
                call $answer call $store
                local.get 0 i64.const 1 call $output
                i32.const 0))
            """);
        var manifest = new ExtismManifest { Wasm = [new ExtismWasm(Data: main, Name: "main"), new ExtismWasm(Data: library, Name: "library")] };
        using ExtismPlugin plugin = await ExtismPlugin.LoadAsync(fixture.Host, manifest, cancellationToken: Cancel);
        Assert.Equal([42], plugin.Call("run"));
        Assert.Contains("`run`", Assert.Throws<PluginUseException>(() => plugin.Call("nothing")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "manifest")]
    [InlineData("{}", "`wasm`")]
    [InlineData("""{ "wasm": [{}] }""", "one of")]
    [InlineData("""{ "wasm": [{ "path": "a", "data": "AA==" }] }""", "one of")]
    [InlineData("""{ "wasm": [{ "data": "??" }] }""", "manifest")]
    [InlineData("""{ "wasm": [{ "path": "a" }], "timeout_ms": -1 }""", "manifest")]
    public void A_manifest_that_is_none(string json, string word) =>
        Assert.Contains(word, Assert.Throws<PluginLoadException>(() => ExtismManifest.Parse(json)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_file_of_another_hash()
    {
        var manifest = new ExtismManifest { Wasm = [new ExtismWasm(s_guest, Hash: new string('0', 64))] };
        Assert.Contains("the manifest says", (await Assert.ThrowsAsync<PluginLoadException>(() => ExtismPlugin.LoadAsync(fixture.Host, manifest, cancellationToken: Cancel))).Message, StringComparison.Ordinal);
        PluginMismatchException error = await Assert.ThrowsAsync<PluginMismatchException>(() => ExtismPlugin.LoadAsync(fixture.Host, s_guest, cancellationToken: Cancel));
        Assert.Contains("`shout` of `extism:host/user`", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Plug-ins that others built and published: a folder in WINDHOVER_SUITES, not in this repository.</summary>
    [Fact]
    public async Task Published_plugins_run_unchanged()
    {
        string? suites = Environment.GetEnvironmentVariable("WINDHOVER_SUITES");
        string folder = Path.Combine(suites ?? "", "extism", "wasm");
        Assert.SkipUnless(suites is not null && Directory.Exists(folder), "WINDHOVER_SUITES has no extism/wasm: the folder `wasm` of Extism's repository");
        string[] files = [.. Directory.GetFiles(folder, "*.wasm").Order(StringComparer.Ordinal)];
        var failed = new List<string>();
        foreach (string file in files)
        {
            try
            {
                using ExtismPlugin plugin = await ExtismPlugin.LoadAsync(fixture.Host, ExtismManifest.Parse($$"""{ "wasm": [{ "path": "{{file}}" }], "config": { "thing": "x" }, "timeout_ms": 2000 }"""), Functions(), Cancel);
                Exercise(Path.GetFileNameWithoutExtension(file), plugin);
            }
            catch (Exception error) when (error is PluginException or Xunit.Sdk.XunitException)
            {
                failed.Add($"{Path.GetFileName(file)}: {error.Message}");
            }
        }

        TestContext.Current.SendDiagnosticMessage($"suite: {files.Length - failed.Count} of {files.Length} published Extism plug-ins");
        Console.WriteLine($"suite: extism: {files.Length - failed.Count} of {files.Length}");
        Assert.True(failed.Count == 0, string.Join('\n', failed));
    }

    private static void Exercise(string name, ExtismPlugin plugin)
    {
        switch (name)
        {
            case "code" or "code-functions":
                Assert.Contains("\"count\"", plugin.Call("count_vowels", "aaa bbb"), StringComparison.Ordinal);
                break;
            case "echo" or "reflect":
                Assert.Equal("the same", plugin.Call(name, "the same"));
                break;
            case "allocations" or "globals":
                plugin.Call(name, "x");
                break;
            case "http":
                Assert.Contains("not allowed", Assert.Throws<PluginImportException>(() => plugin.Call("http_request", """{ "url": "http://example.com/" }""")).Message, StringComparison.Ordinal);
                break;
            case "loop":
                Assert.Equal(TrapKind.Interrupt, Assert.Throws<PluginBudgetException>(() => plugin.Call("loop_forever")).Kind);
                break;
            case "unreachable":
                Assert.Equal(TrapKind.Unreachable, Assert.Throws<PluginTrapException>(() => plugin.Call("do_unreachable")).Kind);
                break;
        }
    }

    private static ExtismOptions Functions()
    {
        var options = new ExtismOptions();
        options.AddFunction("hello_world", b => b);
        options.AddFunction("host_reflect", b => b);
        return options;
    }

    private Task<ExtismPlugin> Load(string? manifest = null) => ExtismPlugin.LoadAsync(
        fixture.Host,
        ExtismManifest.Parse((manifest ?? """{ "wasm": [{ "path": "PATH" }] }""").Replace("PATH", s_guest, StringComparison.Ordinal)),
        new ExtismOptions().AddFunction("shout", b => b),
        Cancel);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
