using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation;
using Windhover.Hosting.Isolation.Calls;

namespace Windhover.Hosting.Tests.Isolation;

/// <summary>A component in a process of its own, and a neighbour in the server's.</summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private readonly LogLines _log = new();
    private IsolatedServer _server = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IsolatedApp App => _server.Isolated;

    private HttpClient Client => _server.Client;

    public async ValueTask InitializeAsync() => _server = await IsolatedServer.StartAsync(name => new ComponentOptions { Name = name }, _log);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Answers_come_from_another_process()
    {
        Assert.Equal("Hello from C\n", await Client.GetStringAsync("/", Token));
        Assert.NotEqual(Environment.ProcessId, App.ProcessId);
        using Process worker = Process.GetProcessById(App.ProcessId!.Value);
        Assert.False(worker.HasExited);
    }

    [Fact]
    public async Task A_body_goes_through_both_ways()
    {
        byte[] body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        using HttpResponseMessage echo = await Client.PostAsync("/echo", new ByteArrayContent(body), Token);
        Assert.Equal(body, await echo.Content.ReadAsByteArrayAsync(Token));
    }

    [Fact]
    public async Task The_guest_sees_the_clients_headers()
    {
        Assert.Equal(await Neighbour("/headers"), await (await Ask("server.test", "/headers")).Content.ReadAsStringAsync(Token));
    }

    // Kestrel ends a whole connection for a request with more fields than it takes, and the hop adds some to what the server took.
    [Fact]
    public async Task As_many_fields_as_the_server_takes_go_through_and_no_other_request_is_hurt()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<HttpResponseMessage> other = Client.GetAsync("/sleep/600000", end.Token);
        await ServedBy(App.ProcessId!.Value);
        foreach (int size in new[] { 1, 280 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/headers");
            for (int i = 0; i < 99; i++)
                request.Headers.Add($"x-{i}", new string('x', size));
            using HttpResponseMessage answer = await Client.SendAsync(request, Token);
            Assert.Contains($"x-98: {new string('x', size)}\n", await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }

        Assert.False(other.IsCompleted);
        await end.CancelAsync();
        await other.ContinueWith(static _ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_client_cannot_speak_as_the_server()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/headers");
        foreach (string name in new[] { HopHeaders.Key, HopHeaders.Scheme, HopHeaders.Request })
            request.Headers.Add(name, "forged");
        using HttpResponseMessage answer = await Client.SendAsync(request, Token);
        Assert.DoesNotContain("forged", await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_target_and_the_scheme_are_the_clients()
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Scheme = "https";
        context.Request.Host = new HostString("shop.test", 8443);
        context.Features.Get<IHttpRequestFeature>()!.RawTarget = "/a%2Fb/../%63?x=%41&y";
        context.Request.Headers[HopHeaders.Scheme] = "forged";
        using var request = new HttpRequestMessage();
        await new WorkerTransformer("key", 17).TransformRequestAsync(context, request, "http://worker", Token);
        Assert.Equal("http://worker/a%2Fb/../%63?x=%41&y", request.RequestUri!.AbsoluteUri);
        Assert.Equal("shop.test:8443", request.Headers.Host);
        Assert.Equal("https", Assert.Single(request.Headers.GetValues(HopHeaders.Scheme)));
    }

    [Fact]
    public async Task A_crash_costs_the_requests_under_way_and_nothing_else()
    {
        int before = App.ProcessId!.Value;
        Task<HttpResponseMessage> underWay = Client.GetAsync("/sleep/20000", Token);
        Task<string> neighbours = Neighbour("/sleep/300");
        await ServedBy(before);
        Process.GetProcessById(before).Kill();

        using HttpResponseMessage lost = await underWay;
        Assert.Equal(HttpStatusCode.BadGateway, lost.StatusCode);
        await neighbours;
        Assert.Equal("Hello from C\n", await Client.GetStringAsync("/", Token)); // waits for the next process
        Assert.NotEqual(before, App.ProcessId);
        Assert.Contains(_log.Lines, line => line.Contains($"lonely: its process {before} ended with status 137", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_trap_is_answered_and_logged_as_in_process()
    {
        using HttpResponseMessage answer = await Client.GetAsync("/trap", Token);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync(Token));
        await _log.WaitAsync(line => line.Contains("lonely: the guest trapped", StringComparison.Ordinal), Token);
        Assert.Equal("Hello from C\n", await Client.GetStringAsync("/", Token));
    }

    [Fact]
    public async Task The_process_ends_with_the_app()
    {
        using Process worker = Process.GetProcessById(App.ProcessId!.Value);
        await App.DisposeAsync();
        await worker.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task A_component_that_does_not_fit_is_refused_at_load()
    {
        ComponentHost host = _server.Host;
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
            o.CacheDirectory = _server.Cache;
            o.Engine = new EngineOptions { MaxInstances = 4 };
            o.Worker = new WorkerCommand("/bin/false", []);
        }).BuildServiceProvider();
        ComponentLoadException error = await Assert.ThrowsAsync<ComponentLoadException>(
            async () => await services.GetRequiredService<ComponentHost>().LoadIsolatedAsync(IsolatedServer.Guest, await File.ReadAllBytesAsync(IsolatedServer.Guest, Token), new ComponentOptions(), Token));
        Assert.Contains("ended with status 1 before it was ready", error.Message, StringComparison.Ordinal);
    }

    private async Task<string> Neighbour(string path)
    {
        using HttpResponseMessage answer = await Ask("neighbour.test", path);
        return (await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Token)).Replace("neighbour.test", "server.test", StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> Ask(string host, string path) => _server.SendAsync(host, path, Token);

    // The guest's thread sleeps in the worker: its request has arrived there when the worker has more threads than it had.
    private async Task ServedBy(int id)
    {
        using Process worker = Process.GetProcessById(id);
        while (true)
        {
            worker.Refresh();
            if (worker.Threads.Cast<ProcessThread>().Any(t => ThreadName(id, t.Id).StartsWith("windhover guest", StringComparison.Ordinal)))
                return;
            using HttpResponseMessage other = await Client.GetAsync("/", Token);
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
