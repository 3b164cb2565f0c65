using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation;

namespace Windhover.Hosting.Tests.Isolation;

/// <summary>A component in a process of its own, and a neighbour in the server's.</summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private readonly DirectoryInfo _cache = Directory.CreateTempSubdirectory("windhover-isolation");
    private readonly LogLines _log = new();
    private WebApplication _server = null!;
    private IsolatedApp _app = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(_log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddWindhover(o =>
        {
            o.Engine = new EngineOptions { MaxInstances = 20 };
            o.CacheDirectory = _cache.FullName;
            o.CompileOutOfProcess = true;
            o.Worker = WorkerEntry.Command;
        });
        _server = builder.Build();
        ComponentHost host = _server.Services.GetRequiredService<ComponentHost>();
        _app = await host.LoadIsolatedAsync(Guest, await File.ReadAllBytesAsync(Guest, Token), new ComponentOptions { Name = "lonely" }, Token);
        _server.MapComponent("/{**path}", await host.LoadAsync(Guest, new ComponentOptions(), Token)).RequireHost("neighbour.test");
        _server.MapComponent("/{**path}", _app);
        await _server.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    private static string Guest => TestServer.Guest("c-http/c-http.wasm");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _cache.Delete(recursive: true);
    }

    [Fact]
    public async Task Answers_come_from_another_process()
    {
        Assert.Equal("Hello from C\n", await _client.GetStringAsync("/", Token));
        Assert.NotEqual(Environment.ProcessId, _app.ProcessId);
        using Process worker = Process.GetProcessById(_app.ProcessId!.Value);
        Assert.False(worker.HasExited);
    }

    [Fact]
    public async Task A_body_goes_through_both_ways()
    {
        byte[] body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        using HttpResponseMessage echo = await _client.PostAsync("/echo", new ByteArrayContent(body), Token);
        Assert.Equal(body, await echo.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task The_guest_sees_the_clients_headers()
    {
        Assert.Equal(await Neighbour("/headers"), await (await Ask("server.test", "/headers")).Content.ReadAsStringAsync(Token));
    }

    [Fact]
    public async Task The_target_and_the_scheme_are_the_clients()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Scheme = "https";
        context.Request.Host = new HostString("shop.test", 8443);
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = "/a%2Fb/../%63?x=%41&y";
        context.Request.Headers[ServeWorker.SchemeHeader] = "forged";
        using var request = new HttpRequestMessage();
        await WorkerTransformer.Instance.TransformRequestAsync(context, request, "http://worker", Token);
        Assert.Equal("http://worker/a%2Fb/../%63?x=%41&y", request.RequestUri!.AbsoluteUri);
        Assert.Equal("shop.test:8443", request.Headers.Host);
        Assert.Equal("https", Assert.Single(request.Headers.GetValues(ServeWorker.SchemeHeader)));
    }

    [Fact]
    public async Task A_crash_costs_the_requests_under_way_and_nothing_else()
    {
        int before = _app.ProcessId!.Value;
        Task<HttpResponseMessage> underWay = _client.GetAsync("/sleep/20000", Token);
        Task<string> neighbours = Neighbour("/sleep/300");
        await ServedBy(before);
        Process.GetProcessById(before).Kill();

        using HttpResponseMessage lost = await underWay;
        Assert.Equal(HttpStatusCode.BadGateway, lost.StatusCode);
        await neighbours;
        Assert.Equal("Hello from C\n", await _client.GetStringAsync("/", Token)); // waits for the next process
        Assert.NotEqual(before, _app.ProcessId);
        Assert.Contains(_log.Lines, line => line.Contains($"lonely: its process {before} ended with status 137", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trap_is_answered_and_logged_as_in_process()
    {
        using HttpResponseMessage answer = await _client.GetAsync("/trap", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync(Token));
        await _log.WaitAsync(line => line.Contains("lonely: the guest trapped", StringComparison.Ordinal), Token);
        Assert.Equal("Hello from C\n", await _client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task The_process_ends_with_the_app()
    {
        using Process worker = Process.GetProcessById(_app.ProcessId!.Value);
        await _app.DisposeAsync();
        await worker.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task A_component_that_does_not_fit_is_refused_at_load()
    {
        ComponentHost host = _server.Services.GetRequiredService<ComponentHost>();
        byte[] bytes = WatCompiler.Compile("(component (import \"acme:no/where\" (instance (export \"f\" (func)))))");
        ComponentLoadException error = await Assert.ThrowsAsync<ComponentLoadException>(() => host.LoadIsolatedAsync("odd.wasm", bytes, new ComponentOptions(), Token));
        Assert.StartsWith("odd.wasm: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("acme:no/where", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_that_cannot_start_is_one_error()
    {
        await using var services = new ServiceCollection().AddLogging().AddWindhover(o =>
        {
            o.CacheDirectory = _cache.FullName;
            o.Engine = new EngineOptions { MaxInstances = 4 };
            o.Worker = new WorkerCommand("/bin/false", []);
        }).BuildServiceProvider();
        ComponentLoadException error = await Assert.ThrowsAsync<ComponentLoadException>(
            async () => await services.GetRequiredService<ComponentHost>().LoadIsolatedAsync(Guest, await File.ReadAllBytesAsync(Guest, Token), new ComponentOptions(), Token));
        Assert.Contains("ended with status 1 before it was ready", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> Neighbour(string path)
    {
        using HttpResponseMessage answer = await Ask("neighbour.test", path);
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token)).Replace("neighbour.test", "server.test", StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> Ask(string host, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        return _client.SendAsync(request, Token);
    }

    // The guest's thread sleeps in the worker: its request has arrived there when the worker has more threads than it had.
    private async Task ServedBy(int id)
    {
        using Process worker = Process.GetProcessById(id);
        while (true)
        {
            worker.Refresh();
            if (worker.Threads.Cast<ProcessThread>().Any(t => ThreadName(id, t.Id).StartsWith("windhover guest", StringComparison.Ordinal)))
                return;
            using HttpResponseMessage other = await _client.GetAsync("/", Token);
            other.EnsureSuccessStatusCode();
        }
    }

    private static string ThreadName(int process, int thread)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/task/{thread}/comm").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
