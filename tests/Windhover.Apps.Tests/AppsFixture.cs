using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Engine;
using Windhover.Hosting;

namespace Windhover.Apps.Tests;

/// <summary>A real Kestrel on a free port of the loopback, over a folder of apps that the test writes.</summary>
internal sealed class AppsFixture : IAsyncDisposable
{
    private WebApplication? _app;

    public AppsFixture()
    {
        Folder = Directory.CreateTempSubdirectory("windhover-apps-").FullName;
    }

    public string Folder { get; }

    public HttpClient Client { get; private set; } = null!;

    /// <summary>Where it speaks HTTP/2 without TLS: there, .NET's client reads while it writes.</summary>
    public Uri Http2 { get; private set; } = null!;

    public AppServer Server => _app!.Services.GetRequiredService<AppServer>();

    public LogStore Logs => _app!.Services.GetRequiredService<LogStore>();

    public IServiceProvider Services => _app!.Services;

    public static string Guest(string path)
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "Windhover.slnx")))
                return Path.Combine(d.FullName, "guests", path);
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }

    /// <summary>Writes an app: its manifest, and the guests that it names, copied from the folder of guests.</summary>
    public string Write(string app, string manifest, params string[] guests)
    {
        string folder = Path.Combine(Folder, app);
        Directory.CreateDirectory(folder);
        foreach (string guest in guests)
            File.Copy(Guest(guest), Path.Combine(folder, Path.GetFileName(guest)), overwrite: true);
        string file = Path.Combine(folder, "windhover.toml");
        File.WriteAllText(file, manifest);
        return file;
    }

    public async Task StartAsync(Action<AppsOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http1);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, o => o.Protocols = HttpProtocols.Http2);
        });
        services?.Invoke(builder.Services);
        builder.Services.AddWindhoverApps(options =>
        {
            options.Folder = Folder;
            configure?.Invoke(options);
        });
        builder.Services.Configure<WindhoverOptions>(o =>
        {
            o.Engine = new EngineOptions { MaxInstances = 100 };
            o.Worker = WorkerEntry.Command;
        });
        _app = builder.Build();
        _app.UseWindhoverApps();
        await _app.StartAsync();
        ICollection<string> addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Client = new HttpClient { BaseAddress = new Uri(addresses.First()) };
        Http2 = new Uri(addresses.Last());
    }

    /// <summary>Waits for a line of the log: each line that is written is looked at, none is polled for.</summary>
    public async Task<LogLine> LineAsync(Func<LogLine, bool> wanted)
    {
        var found = new TaskCompletionSource<LogLine>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(LogLine line)
        {
            if (wanted(line))
                found.TrySetResult(line);
        }

        Logs.Written += Look;
        try
        {
            foreach (LogLine line in Logs.Read(null))
                Look(line);
            return await found.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }
        finally
        {
            Logs.Written -= Look;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
