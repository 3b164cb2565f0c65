using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Windhover.Cli.Errors;
using Windhover.Cli.Guests;
using Windhover.Cli.Terminal;
using Windhover.Components.Binary;
using Windhover.Engine;
using Windhover.Hosting;
using Windhover.Hosting.Apps;
using Serve = Windhover.Cli.Commands.Serve;

namespace Windhover.Cli.Serving;

/// <summary>Kestrel with one component on every path, until a signal ends it.</summary>
internal static class Server
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Loads the component, listens, says where, and serves until SIGINT or SIGTERM.</summary>
    /// <exception cref="CliException">The component cannot be served, or an address cannot be had.</exception>
    public static async Task<int> Run(Serve serve, CancellationToken cancellation)
    {
        ProcessLimits.AnswerAtOnce();
        var app = Build(serve);
        try
        {
            await Map(app, serve, cancellation).ConfigureAwait(false);
            await Start(app, serve, cancellation).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        foreach (var address in app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses)
            Streams.Error.WriteLine($"listening on {address}");

        // Not disposed after this: a guest that outlived the patience of the shutdown would lose its code while it runs. The process ends anyway.
        await app.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        return ExitStatus.Success;
    }

    // The empty builder: no appsettings.json of the folder that a person happens to be in, no ASPNETCORE_* that changes where it listens.
    private static WebApplication Build(Serve serve)
    {
        var modules = ComponentGuest.Summarize(serve.File).CoreModuleSizes.Count;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "windhover" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1; // A field's value is bytes, of which the guest gets each.
            kestrel.Limits.MaxRequestBodySize = null; // Bodies stream; what a guest keeps of them, its own memory limits.
            foreach (var address in serve.Addresses)
                address.AddTo(kestrel, serve.Http2 ? HttpProtocols.Http2 : HttpProtocols.Http1);
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Logging.AddProvider(new ServeLog(TimeProvider.System)).SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Error)
            .AddFilter("System.Net.Http", LogLevel.Error)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None); // A failed start is reported as any other error.
        builder.Services.AddWindhover(windhover =>
        {
            windhover.Engine = Limits.ServingEngineOptions(serve.Concurrency, modules) with { KeepResidentBytes = serve.KeepResidentBytes };
            windhover.CacheDirectory = serve.CacheDirectory ?? "";
            windhover.CompileOutOfProcess = serve.CacheDirectory is not null; // Without a cache there is no way back for the code.
        });
        return builder.Build();
    }

    private static async Task Map(WebApplication app, Serve serve, CancellationToken cancellation)
    {
        var options = new ComponentOptions { Network = serve.Grants.Network, Budget = serve.Limits.Budget };
        foreach (var (name, value) in serve.Grants.Environment)
            options.Environment[name] = value;
        foreach (var directory in serve.Grants.Directories)
            options.Directories.Add(new DirectoryMount(directory.HostPath, directory.GuestPath, directory.Writable));
        foreach (var file in serve.Middleware)
            options.Middleware.Add(file);
        foreach (var host in serve.Grants.AllowedHosts)
            options.AllowedHosts.Add(host);

        using var progress = new ProgressLine($"compiling {serve.File.Name} ({Units.Size(serve.File.Bytes.Length)})");
        try
        {
            var host = app.Services.GetRequiredService<ComponentHost>();
            if (serve.Isolation == IsolationLevel.Process)
                app.MapComponent("/{**path}", await host.LoadIsolatedAsync(serve.File.Path, serve.File.Bytes, options, cancellation).ConfigureAwait(false));
            else
                app.MapComponent("/{**path}", await host.LoadAsync(serve.File.Path, serve.File.Bytes, options, cancellation).ConfigureAwait(false));
        }
        catch (ComponentLoadException e) when (e.InnerException is InvalidComponentException or InvalidModuleException)
        {
            throw ErrorReport.Invalid(serve.File.Path, e.InnerException);
        }
        catch (ComponentLoadException e) when (e.InnerException is FormatException rule)
        {
            throw CliException.Usage($"--allow-host: {rule.Message}", GrantOptions.HostExample);
        }
        catch (ComponentLoadException e)
        {
            throw CliException.Failure(e.Message);
        }
    }

    private static async Task Start(WebApplication app, Serve serve, CancellationToken cancellation)
    {
        var wanted = string.Join(", ", serve.Addresses.Select(a => a.Text));
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw CliException.Failure($"{wanted}: the address is in use by another program", "--listen 127.0.0.1:0 takes a free port");
        }
        catch (SocketException e)
        {
            throw CliException.Failure(
                $"listening on {wanted} failed: {e.Message}",
                e.SocketErrorCode == SocketError.AccessDenied ? ["ports below 1024 need a privilege"] : []);
        }
    }
}
