using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Engine;
using Windhover.Hosting;
using Windhover.Hosting.Apps;

namespace Windhover.Bench.Hostile;

/// <summary>
/// The server under attack, in a process of its own: a neighbour at <c>/</c>, the attacker at every other path, and <c>/held</c>, which tells what the attacker's app
/// and the process hold. It writes its address to standard output and ends with its standard input.
/// </summary>
internal static class HostileServer
{
    public const string AttackersBudget =
        "wall=500ms,memory-per-instance=16MiB,memory=64MiB,host-memory=4MiB,handles=5000,response-body=1MiB,requests=8,queued-requests=8,outbound-requests=4,output=256KiB";

    public static async Task<int> RunAsync(string guests)
    {
        using var pauses = new CollectorPauses();
        ProcessLimits.AnswerAtOnce(); // as the command line's servers do
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddWindhover(o =>
        {
            o.Engine = new EngineOptions { MaxInstances = 100 };
            o.CompileOutOfProcess = true;
        });
        await using WebApplication app = builder.Build();
        ComponentHost host = app.Services.GetRequiredService<ComponentHost>();
        var options = new ComponentOptions { Budget = Budget.Parse(AttackersBudget) };
        options.AllowedHosts.Add("*");
        ComponentApp attacker = await host.LoadAsync(Path.Combine(guests, "c-hostile/c-hostile.wasm"), options);
        app.MapComponent("/", Path.Combine(guests, "c-http/c-http.wasm"));
        app.MapPost("/load", async (HttpRequest request) =>
        {
            using var binary = new MemoryStream();
            await request.Body.CopyToAsync(binary);
            try
            {
                (await host.LoadAsync("bomb.wasm", binary.ToArray(), new ComponentOptions { Budget = Budget.Parse("compile-time=2s,compile-memory=256MiB") })).Dispose();
                return "loaded";
            }
            catch (ComponentLoadException refused)
            {
                return refused.Message;
            }
        });
        app.MapGet("/plain", static context => context.Response.WriteAsync("plain"));
        app.MapGet("/held", () => string.Join(
            ' ', attacker.Meter.Snapshot().Budgets.Where(b => b.Used != 0).Select(b => string.Create(CultureInfo.InvariantCulture, $"{Budget.Entry(b.Kind).Key}={b.Used}"))));
        app.MapGet("/pauses", () => pauses.Take());
        app.MapPost("/collect", () =>
        {
            GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        });
        app.MapComponent("/{**path}", attacker);
        await app.StartAsync();
        Console.WriteLine(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
        return 0;
    }
}
