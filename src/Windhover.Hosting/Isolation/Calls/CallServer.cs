using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Isolation.Calls;

// The way back: how a component in a process of its own calls others, which the server knows and the worker does not.
//
//   worker                                                     server
//   guest: GET http://stock.internal/items
//   (1) allow-list and budget, as everywhere
//   (2) WorkerCalls   ── its own socket, HopHeaders ─────────▶ (3) key                who speaks is this worker, or 403
//                                                              (4) allow-list again   or 403: what a worker says is not believed
//                                                              (5) calls at once      twice the budget of outbound requests, for the worker's count goes down before this one does
//                                                              (6) for whom           the request that the server forwarded under this number and that is under way; else the component alone
//                                                              (7) ILocalHttpEndpoint the callee answers this exchange itself: nothing is copied between
//   (8) CallAnswer    ◀── status, fields, content, trailers ──
//
// Step (6) is what holds callers, circles and depth together. A worker that lies about the number can name another request of its own, or none; its own app stands at the end of each of
// those chains, so whom it calls cannot call it again, and chains stay finite.
//
// It lives as long as one life of the worker. When that ends, so do all its calls: the callees' requests are aborted.
internal sealed class CallServer : IHttpApplication<HttpContext>, IAsyncDisposable
{
    private readonly CallTerms _terms;
    private readonly ILogger _logger;
    private readonly KestrelServer _kestrel;
    private readonly ConcurrentDictionary<long, object?> _requests = new();
    private readonly string _key = HopHeaders.CreateKey();
    private readonly long _most;
    private long _last;
    private long _running;
    private bool _hasWarned;

    private CallServer(string socket, CallTerms terms, ILogger logger, ILoggerFactory loggers)
    {
        _terms = terms;
        _logger = logger;
        _most = 2 * Math.Min(terms.MaxCalls, int.MaxValue);
        var options = new KestrelServerOptions();
        Hop.Listen(options, socket, terms.FieldBytes);
        options.Limits.MaxConcurrentConnections = Hop.ConnectionsFor(_most);
        Offer = new CallsOffer(socket, _key, terms.Endpoint.Domain);
        _kestrel = new KestrelServer(Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), loggers), loggers);
    }

    /// <summary>What the worker is told.</summary>
    public CallsOffer Offer { get; }

    /// <summary>Calls under way: for tests.</summary>
    public long Running => Interlocked.Read(ref _running);

    /// <summary>Begins to listen.</summary>
    public static async Task<CallServer> StartAsync(string socket, CallTerms terms, ILogger logger, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        File.Delete(socket);
        var server = new CallServer(socket, terms, logger, loggers);
        try
        {
            await server._kestrel.StartAsync(server, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            server._kestrel.Dispose();
            throw;
        }
    }

    /// <summary>A request is about to be forwarded: calls that are made for it are known by the number, until <see cref="Leave"/>.</summary>
    public long Enter(HttpContext request)
    {
        long number = Interlocked.Increment(ref _last);
        _requests[number] = _terms.Endpoint.CallerOf(request);
        return number;
    }

    /// <summary>The request is over.</summary>
    public void Leave(long request) => _requests.TryRemove(request, out _);

    HttpContext IHttpApplication<HttpContext>.CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    void IHttpApplication<HttpContext>.DisposeContext(HttpContext context, Exception? exception)
    {
    }

    async Task IHttpApplication<HttpContext>.ProcessRequestAsync(HttpContext context)
    {
        Activity.Current = null;
        if (!HopHeaders.TryTake(context, _key, out long? number))
        {
            Refuse(context, "somebody called in its place");
            return;
        }

        if (!IsAllowed(context.Request))
        {
            Refuse(context, $"its process called `{context.Request.Host.Value}`, which it was not granted");
            return;
        }

        try
        {
            if (Interlocked.Increment(ref _running) > _most)
                Fail(context, CallFailure.TooMany);
            else
                await _terms.Endpoint.AnswerAsync(context, number is { } known && _requests.TryGetValue(known, out object? caller) ? caller : _terms.Caller).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            Fail(context, error.HttpRequestError == HttpRequestError.NameResolutionError ? CallFailure.NoSuchHost : CallFailure.Unavailable);
        }
        catch (Exception)
        {
            Reset(context); // within the process the guest would get as much of it
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    /// <summary>Ends all calls.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _kestrel.StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false); // connections are broken off at once
        }
        catch (OperationCanceledException)
        {
            // As asked.
        }

        File.Delete(Offer.Socket);
    }

    private bool IsAllowed(HttpRequest request) =>
        request.Host is { HasValue: true, Host: { Length: > 0 } host }
        && _terms.Endpoint.Serves(host)
        && _terms.Allowed.Allows(request.Scheme, host, request.Host.Port ?? (request.Scheme == "https" ? 443 : 80));

    private void Refuse(HttpContext context, string why)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        if (Interlocked.Exchange(ref _hasWarned, true))
            return; // once in a life: it could go on for ever
        IsolationLog.Refused(_logger, _terms.Name, why);
    }

    private void Fail(HttpContext context, CallFailure failure)
    {
        if (context.Response.HasStarted)
            Reset(context);
        else
            HopHeaders.SetFailure(context, _key, failure);
    }

    private static void Reset(HttpContext context)
    {
        const int InternalError = 2; // INTERNAL_ERROR of HTTP/2
        if (context.Features.Get<IHttpResetFeature>() is { } stream)
            stream.Reset(InternalError);
        else
            context.Abort();
    }
}

/// <summary>What a component's calls are judged by.</summary>
/// <param name="Name">The component's name in the log.</param>
/// <param name="Endpoint">Who answers.</param>
/// <param name="Allowed">Its grant.</param>
/// <param name="Caller">For whom it works when it works for no request.</param>
/// <param name="MaxCalls">Its budget of outbound requests.</param>
/// <param name="FieldBytes">Its budget of fields.</param>
internal sealed record CallTerms(string Name, ILocalHttpEndpoint Endpoint, OutgoingHttp Allowed, object? Caller, long MaxCalls, long FieldBytes);

/// <summary>What a worker is told of the way back.</summary>
/// <param name="Socket">Where the server listens.</param>
/// <param name="Key">What shows that it is this worker.</param>
/// <param name="Domain">The domain whose names are answered there.</param>
internal sealed record CallsOffer(string Socket, string Key, string Domain);

/// <summary>Why nobody answers a call.</summary>
internal enum CallFailure
{
    /// <summary>There is no such app.</summary>
    NoSuchHost = 1,

    /// <summary>It cannot be called now.</summary>
    Unavailable,

    /// <summary>The caller has more calls under way than it may.</summary>
    TooMany,
}
