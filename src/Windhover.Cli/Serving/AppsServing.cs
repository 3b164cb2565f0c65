using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Windhover.Apps;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Capabilities;
using Windhover.Capabilities.PostgreSql;
using Windhover.Capabilities.Redis;
using Windhover.Capabilities.S3;
using Windhover.Cli.Commands;
using Windhover.Cli.Errors;
using Windhover.Cli.Terminal;
using Windhover.Engine;

namespace Windhover.Cli.Serving;

/// <summary>Kestrel with a folder of apps, until a signal ends it.</summary>
internal static class AppsServing
{
    // Slots of the pool; beyond, requests get 503. 2,000 instances of one memory take 16 TiB of address space.
    private const int MaxInstances = 2000;

    public static async Task<int> Run(Up up, CancellationToken cancellation)
    {
        ProcessLimits.AnswerAtOnce();
        var app = Build(up);
        var options = app.Services.GetRequiredService<AppsOptions>();
        app.Services.GetRequiredService<LogStore>().Written += line => Streams.Error.WriteLine(Format(line));
        app.UseWindhoverApps();
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw CliException.Failure($"{string.Join(", ", up.Addresses.Select(a => a.Text))}: the address is in use by another program", "--listen 127.0.0.1:0 takes a free port");
        }

        var server = app.Services.GetRequiredService<AppServer>();
        string[] addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        string? admin = options.AdminPort is { } port ? addresses.First(a => a.EndsWith($":{port}", StringComparison.Ordinal)) : null;
        if (server.Apps.Count == 0 && server.Problems.Count == 0 && !options.Watch)
        {
            await app.StopAsync(cancellation).ConfigureAwait(false);
            throw CliException.Failure($"{options.Folder} has no windhover.toml or spin.toml, and no folder in it has", "`windhover new http` makes an app");
        }

        // The commands that look at a server take the first address.
        using var state = ServerState.Write(options, addresses.OrderBy(a => a != admin));
        if (options.AdminToken is { Length: < 16 })
            Streams.Error.WriteLine($"{Ansi.Error.Cyan("note:")} the token is short, and attempts are not limited: openssl rand -hex 16 makes a good one");
        foreach (var address in addresses.Where(a => a != admin))
            Streams.Error.WriteLine($"listening on {address} ({server.Apps.Count} app{(server.Apps.Count == 1 ? "" : "s")}{(server.Problems.Count == 0 ? "" : $", {server.Problems.Count} with problems")}; dashboard {admin ?? address}/_windhover/)");

        // Not disposed after this, as in Server: a guest that outlived the patience of the shutdown would lose its code while it runs.
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        return ExitStatus.Success;
    }

    private static WebApplication Build(Up up)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "windhover" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null; // Bodies stream; budgets bound them.
            foreach (var address in up.Addresses)
                address.AddTo(kestrel, up.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
            up.Admin?.AddTo(kestrel, HttpProtocols.Http1);
        });
        var options = new AppsOptions();
        up.Configure(options);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.DrainTimeout);
        builder.Logging.AddProvider(new ServeLog(TimeProvider.System)).SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Error)
            .AddFilter("System.Net.Http", LogLevel.Error)
            .AddFilter<ServeLog>("Windhover.Guest", LogLevel.None) // The log of the apps shows these.
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        AddBackends(builder.Services);
        builder.Services.AddWindhoverApps(up.Configure);
        builder.Services.Configure<Hosting.WindhoverOptions>(windhover =>
        {
            windhover.Engine = new EngineOptions { MaxInstances = MaxInstances, SeparateData = options.Watch, KeepResidentBytes = up.KeepResidentBytes };
            windhover.CacheDirectory = up.CacheDirectory ?? "";
            windhover.CompileOutOfProcess = up.CacheDirectory is not null; // As in Server.
            windhover.CompileBehindOthers = !options.Watch; // Who saves a file waits for it.
        });
        AppsTelemetry.Add(builder, up.Otlp);
        return builder.Build();
    }

    /// <summary>What manifests may name.</summary>
    public static void AddBackends(IServiceCollection services)
    {
        services.AddWindhoverCapabilities().AddWindhoverRedis().AddWindhoverPostgreSql().AddWindhoverS3();
    }

    private static string Format(LogLine line)
    {
        var time = line.Time.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
        var level = line.Level >= LogLevel.Error ? "error" : line.Level == LogLevel.Warning ? "warning" : "info";
        var from = line.Component is null ? line.App : $"{line.App}/{line.Component}";
        return $"{time} {level} {from} {line.Source}: {Printable.Of(line.Message).ReplaceLineEndings(" | ")}";
    }
}
