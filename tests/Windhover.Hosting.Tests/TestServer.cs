using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Windhover.Engine;
using Windhover.Hosting.Apps;

namespace Windhover.Hosting.Tests;

/// <summary>A real Kestrel on a free port of the loopback, with one component on every path.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestServer(WebApplication app, ComponentApp component, LogLines log)
    {
        _app = app;
        App = component;
        Log = log;
        Http = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Client = new HttpClient { BaseAddress = Http };
    }

    public ComponentApp App { get; }

    public Uri Http { get; }

    public HttpClient Client { get; }

    public LogLines Log { get; }

    public int LiveInstances => _app.Services.GetRequiredService<ComponentHost>().Engine.LiveInstances;

    public static string Guest(string path)
    {
        for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
        {
            if (File.Exists(Path.Combine(d.FullName, "Windhover.slnx")))
                return Path.Combine(d.FullName, "guests", path);
        }

        throw new InvalidOperationException("The tests run outside of the repository.");
    }

    public static async Task<TestServer> StartAsync(
        string guest = "c-http/c-http.wasm", Action<ComponentOptions>? configure = null, HttpProtocols protocols = HttpProtocols.Http1,
        Action<KestrelServerOptions>? kestrel = null, TimeProvider? time = null, LogLevel leastLog = LogLevel.Warning)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        var log = new LogLines(leastLog);
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Listen(System.Net.IPAddress.Loopback, 0, o => o.Protocols = protocols);
            kestrel?.Invoke(options);
        });
        if (time is not null)
            builder.Services.AddSingleton(time);
        builder.Services.AddWindhover(o => o.Engine = new EngineOptions { MaxInstances = 100 });
        WebApplication app = builder.Build();
        var options = new ComponentOptions();
        configure?.Invoke(options);
        ComponentApp component = await app.Services.GetRequiredService<ComponentHost>().LoadAsync(Guest(guest), options);
        app.MapComponent("/{**path}", component);
        await app.StartAsync();
        return new TestServer(app, component, log);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>The log, line by line.</summary>
internal sealed class LogLines(LogLevel least = LogLevel.Warning) : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly SemaphoreSlim _written = new(0);

    public IReadOnlyList<string> Lines => [.. _lines];

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        _lines.Enqueue(exception is null ? formatter(state, exception) : $"{formatter(state, exception)} ({exception})");
        _written.Release();
    }

    /// <summary>Waits for a line. For one waiter at a time.</summary>
    public async Task WaitAsync(Func<string, bool> isIt, CancellationToken cancellation)
    {
        while (!_lines.Any(isIt))
            await _written.WaitAsync(cancellation);
    }
}
