using Microsoft.Extensions.Logging;
using Windhover.Components.Linking;
using Windhover.Components.Workers;
using Windhover.Engine;
using Windhover.Hosting.Apps;
using Windhover.Hosting.Isolation.Calls;
using Yarp.ReverseProxy.Forwarder;

namespace Windhover.Hosting.Isolation;

/// <summary>Starts the processes of one server's isolated apps; their sockets stand in a folder that nobody else may enter.</summary>
internal sealed class IsolatedApps(WindhoverOptions host, string cacheDirectory, IHttpForwarder forwarder, ILoggerFactory loggers, TimeProvider time) : IDisposable
{
    // Beyond what compiling may take: the runtime, the engine, Kestrel.
    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(30);

    private readonly Lazy<string> _folder = new(() => Directory.CreateTempSubdirectory("windhover-").FullName);
    private int _count;

    public async Task<IsolatedApp> StartAsync(
        ComponentHost owner, string path, ReadOnlyMemory<byte> bytes, string name, ComponentOptions options, bool compileFirst, CancellationToken cancellationToken)
    {
        ComponentLoader.CheckKind(path, bytes.Span);
        string socket = Path.Combine(_folder.Value, $"{Interlocked.Increment(ref _count)}.sock");
        CallTerms? terms = CallTermsOf(owner, path, name, options);
        ServeRequest request = ServeRequest.Create(socket, path, bytes.Length, cacheDirectory, host, options);
        ILogger logger = loggers.CreateLogger($"Windhover.Guest.{name}");
        var app = new IsolatedApp(
            name, (meter, cancellation) => StartAsync(request, bytes, terms, options.Compilation.MaxTime + StartTime, logger, name, meter, cancellation), forwarder, options, owner.Neighbours, logger, time);
        try
        {
            if (compileFirst)
                await ComponentLoader.Explain(path, Compile(owner, bytes, options, cancellationToken)).ConfigureAwait(false);
            await ComponentLoader.Explain(path, app.StartAsync(cancellationToken)).ConfigureAwait(false);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return app;
    }

    public void Dispose()
    {
        if (_folder.IsValueCreated)
            Directory.Delete(_folder.Value, recursive: true);
    }

    // Into the cache, within its own limits of time and memory: what serves cannot have those of a compiler.
    private static async Task Compile(ComponentHost owner, ReadOnlyMemory<byte> bytes, ComponentOptions options, CancellationToken cancellationToken)
    {
        using Component component = await owner.CompileAsync(bytes, options, cancellationToken).ConfigureAwait(false);
    }

    // A component that may send no requests has no way back.
    private static CallTerms? CallTermsOf(ComponentHost owner, string path, string name, ComponentOptions options) =>
        owner.Local is ILocalHttpEndpoint endpoint && ComponentLoader.Outgoing(owner, path, options) is { } allowed
            ? new CallTerms(name, endpoint, allowed, options.Caller, options.Budget.OutboundRequests, options.Budget.Headers)
            : null;

    private async Task<IsolatedWorker> StartAsync(
        ServeRequest request, ReadOnlyMemory<byte> bytes, CallTerms? terms, TimeSpan limit, ILogger logger, string name, BudgetMeter meter, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            CallServer? calls = terms is null ? null : await CallServer.StartAsync(Path.ChangeExtension(request.Socket, "calls"), terms, logger, loggers, both.Token).ConfigureAwait(false);
            return await IsolatedWorker.StartAsync(host.Worker ?? WorkerCommand.Self, request, bytes, calls, logger, name, meter, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (late.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new WorkerException($"The process of {name} was not ready after {limit.TotalSeconds:0} s.");
        }
    }
}
