using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Windhover.Wasi.Tests.P2;

/// <summary>A server on loopback that answers with what it was sent, in capitals.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _server;

    private TestServer(WebApplication server, string authority)
    {
        _server = server;
        Authority = authority;
    }

    public string Authority { get; }

    public static async Task<TestServer> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<KestrelServerOptions>(options => options.Listen(IPAddress.Loopback, 0));
        var server = builder.Build();
        server.Run(static async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync((await reader.ReadToEndAsync()).ToUpperInvariant());
        });
        await server.StartAsync();
        return new TestServer(server, new Uri(server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
