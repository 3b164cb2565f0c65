using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Windhover.Hosting.Apps;

namespace Windhover.Hosting.Tests.Capabilities.Otel;

/// <summary>A server with the guest that tells of itself, under a name of its own: listeners hear all servers of the process.</summary>
internal sealed class OtelServer(TestServer server, string app) : IAsyncDisposable
{
    private static int s_number;

    public string App => app;

    public TestServer Server => server;

    public static async Task<OtelServer> StartAsync(Action<ComponentOptions>? configure = null)
    {
        string app = $"otel-{Interlocked.Increment(ref s_number)}";
        return new OtelServer(
            await TestServer.StartAsync("c-otel/c-otel.wasm", o =>
            {
                o.Name = app;
                configure?.Invoke(o);
            }, leastLog: LogLevel.Information),
            app);
    }

    /// <summary>Asks within a trace of its own.</summary>
    public async Task<(string Trace, string Answer)> GetAsync(string path)
    {
        string trace = ActivityTraceId.CreateRandom().ToHexString();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        request.Headers.Add("tracestate", "vendor=a, other=b");
        using HttpResponseMessage answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return (trace, await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
