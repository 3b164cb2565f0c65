using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation;

namespace Windhover.Hosting.Tests.Isolation;

/// <summary>A real Kestrel with one component in a process of its own, and the same one in the server's under the host <c>neighbour.test</c>.</summary>
internal sealed class IsolatedServer : IAsyncDisposable
{
    private readonly DirectoryInfo _cache;
    private readonly WebApplication _app;

    private IsolatedServer(WebApplication app, DirectoryInfo cache, IsolatedApp isolated)
    {
        (_app, _cache, Isolated) = (app, cache, isolated);
        Client = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public static string Guest => TestServer.Guest("c-http/c-http.wasm");

    public IsolatedApp Isolated { get; }

    public HttpClient Client { get; }

    public string Cache => _cache.FullName;

    public ComponentHost Host => _app.Services.GetRequiredService<ComponentHost>();

    public static async Task<IsolatedServer> StartAsync(Func<string, ComponentOptions> options, LogLines? log = null)
    {
        CancellationToken token = TestContext.Current.CancellationToken;
        DirectoryInfo cache = Directory.CreateTempSubdirectory("windhover-isolation");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (log is not null)
            builder.Logging.AddProvider(log);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddWindhover(o =>
        {
            o.Engine = new EngineOptions { MaxInstances = 20 };
            o.CacheDirectory = cache.FullName;
            o.CompileOutOfProcess = true;
            o.Worker = WorkerEntry.Command;
        });
        WebApplication app = builder.Build();
        ComponentHost host = app.Services.GetRequiredService<ComponentHost>();
        IsolatedApp isolated = await host.LoadIsolatedAsync(Guest, await File.ReadAllBytesAsync(Guest, token), options("lonely"), token);
        app.MapComponent("/{**path}", await host.LoadAsync(Guest, options("neighbour"), token)).RequireHost("neighbour.test");
        app.MapComponent("/{**path}", isolated);
        await app.StartAsync(token);
        return new IsolatedServer(app, cache, isolated);
    }

    public Task<HttpResponseMessage> SendAsync(string host, string path, CancellationToken cancellation)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Host = host;
        return Client.SendAsync(request, cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
        _cache.Delete(recursive: true);
    }
}
