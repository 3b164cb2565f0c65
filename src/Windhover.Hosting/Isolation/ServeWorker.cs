using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation.Calls;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Isolation;

/// <summary>The program of a worker that serves one component on a Unix socket, over HTTP/2, until its parent ends it.</summary>
internal static class ServeWorker
{
    public const string Role = "serve";

    // Limits on clients are the parent's to keep: what it passes on is within them.
    private const int MostFieldBytes = 16 << 20;

    public static bool TryRun(string[] arguments, Action<IServiceCollection>? capabilities, out int status)
    {
        status = 0;
        if (!WorkerCommand.IsWorker(arguments, Role))
            return false;
        var channel = new WorkerChannel();
        ServeRequest request = channel.Receive(IsolationJson.Default.ServeRequest, r => r.Length, out byte[] component);
        ProcessLimits.PreferAsVictim();
        status = RunAsync(channel, request, component, capabilities).GetAwaiter().GetResult();
        return true;
    }

    private static async Task<int> RunAsync(WorkerChannel channel, ServeRequest request, byte[] component, Action<IServiceCollection>? capabilities)
    {
        WebApplication? app = null;
        ComponentApp served;
        try
        {
            app = Build(channel, request, capabilities);
            app.Use((context, next) => ReceiveAsync(context, next, request.Key));
            var options = new ComponentOptions();
            request.CopyTo(options);
            if (request.Totals() is { } totals)
                options.Tenant = TenantLender.Create(request.Tenant!, totals, channel);
            served = await app.Services.GetRequiredService<ComponentHost>().LoadAsync(request.Path, component, options).ConfigureAwait(false);
            app.MapComponent("/{**path}", served);
            await app.StartAsync().ConfigureAwait(false);
        }
        catch (Exception error) when (error is ComponentLoadException or IOException or UnauthorizedAccessException or InvalidOperationException or ResourceLimitException)
        {
            channel.Send(new WorkerLine(WorkerLineKind.Failed, error.Message), IsolationJson.Default.WorkerLine);
            if (app is not null)
                await app.DisposeAsync().ConfigureAwait(false);
            return 1;
        }

        channel.Send(new WorkerLine(WorkerLineKind.Ready), IsolationJson.Default.WorkerLine);
        using var reporting = new CostReport(served.Meter, channel, app.Services.GetRequiredService<TimeProvider>());
        await app.WaitForShutdownAsync().ConfigureAwait(false);
        return 0;
    }

    private static WebApplication Build(WorkerChannel channel, ServeRequest request, Action<IServiceCollection>? capabilities)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "windhover-worker" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            Hop.Listen(kestrel, request.Socket, MostFieldBytes);
        });
        builder.Services.AddRoutingCore();
        builder.Logging.AddProvider(new RelayLog(channel)).SetMinimumLevel(LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Error)
            .AddFilter("System.Net.Http", LogLevel.Error);
        if (request.Calls is { } calls)
            builder.Services.AddSingleton<ILocalHttp>(_ => new WorkerCalls(calls));
        builder.Services.AddWindhover(windhover =>
        {
            windhover.Engine = request.EngineOptions;
            windhover.CacheDirectory = request.CacheDirectory;
            windhover.MaxWaitingGuests = request.MaxWaitingGuests;
            windhover.MaxQueuedGuests = request.MaxQueuedGuests;
        });
        capabilities?.Invoke(builder.Services);
        return builder.Build();
    }

    private static Task ReceiveAsync(HttpContext context, RequestDelegate next, string key)
    {
        if (!HopHeaders.TryTake(context, key, out long? number))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden; // another worker
            return Task.CompletedTask;
        }

        if (number is { } known)
            context.Features.Set(new ForwardedRequest(known));
        return next(context);
    }

    private sealed class RelayLog(WorkerChannel channel) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel is not LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string message = formatter(state, exception);
            if (exception is not null)
                message += $" ({exception.GetType().Name}: {exception.Message})";
            channel.Send(new WorkerLine(WorkerLineKind.Log, message, logLevel), IsolationJson.Default.WorkerLine);
        }
    }
}
