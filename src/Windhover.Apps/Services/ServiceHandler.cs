using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Wasi.Http;

namespace Windhover.Apps.Services;

// A guest's request to http://NAME.internal/ reaches the app of that name here, below the guest's HTTP client: no socket, no serialisation of headers. That the
// caller may do so was checked before, by its allow-list (`allow-hosts = ["http://stock.internal"]`).
//
// Without a body the callee runs at once on the caller's thread, which would only wait for it. With one it gets a thread of its own, since the caller may
// still be writing that body.
internal sealed class ServiceHandler(Lazy<AppServer> server) : DelegatingHandler
{
    public const string Domain = ".internal";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string host = request.RequestUri!.Host;
        return host.EndsWith(Domain, StringComparison.OrdinalIgnoreCase)
            ? CallAsync(host[..^Domain.Length], request, cancellationToken)
            : base.SendAsync(request, cancellationToken);
    }

    private async Task<HttpResponseMessage> CallAsync(string name, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        CallChain? caller = request.Options.TryGetValue(OutgoingHttp.CallerKey, out object? from) ? (from as HttpContext)?.Features.Get<CallChain>() ?? from as CallChain : null;
        if (server.Value.Find(name) is null)
        {
            throw new HttpRequestException(
                HttpRequestError.NameResolutionError, $"there is no app `{name}` on this server", new SocketException((int)SocketError.HostNotFound));
        }

        if (caller is not null && caller.Contains(name))
            return Refuse($"apps call each other in a circle: {caller} → {name}");
        if (caller is { Depth: >= CallChain.MaxDepth })
            return Refuse($"calls between apps are nested more than {CallChain.MaxDepth} deep: {caller}");

        using Activity? activity = Telemetry.Source.StartActivity("call " + name, ActivityKind.Client, ParentOf(from));
        Stream? body = request.Content is { } content ? await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false) : null;
        Uri uri = request.RequestUri!;
        var exchange = new InProcessExchange(request.Method.Method, Uri.UnescapeDataString(uri.AbsolutePath), uri.Query, uri.Authority, body, cancellationToken);
        ((HttpRequestFeature)exchange.Context.Features.Get<IHttpRequestFeature>()!).RawTarget = uri.PathAndQuery;
        CopyHeaders(request, exchange.Context.Request.Headers);
        if (activity is not null)
        {
            exchange.Context.Request.Headers.TraceParent = activity.Id;
            exchange.Context.Features.Set<IHttpActivityFeature>(new ActivityFeature { Activity = activity });
        }

        exchange.Context.Features.Set(new ServiceCall(name, caller));
        _ = exchange.FinishAsync(server.Value.CallAsync(exchange.Context, name, caller, alone: body is not null));
        await exchange.Started.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Response(exchange, request);
    }

    private static ActivityContext ParentOf(object? caller) =>
        (caller as HttpContext)?.Features.Get<IHttpActivityFeature>()?.Activity is { } activity ? activity.Context : Activity.Current?.Context ?? default;

    private static void CopyHeaders(HttpRequestMessage request, IHeaderDictionary headers)
    {
        foreach ((string name, System.Net.Http.Headers.HeaderStringValues values) in request.Headers.NonValidated)
            headers[name] = Values(values);
        if (request.Content is not { } content)
            return;
        foreach ((string name, System.Net.Http.Headers.HeaderStringValues values) in content.Headers.NonValidated)
            headers[name] = Values(values);
        if (content.Headers.ContentLength is { } length)
            headers.ContentLength = length;
    }

    private static StringValues Values(System.Net.Http.Headers.HeaderStringValues values) => values.Count == 1 ? values.ToString() : new StringValues([.. values]);

    private static HttpResponseMessage Response(InProcessExchange exchange, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage((HttpStatusCode)exchange.StatusCode)
        {
            RequestMessage = request,
            Content = new StreamContent(exchange.ResponseBody.AsStream()),
        };
        foreach ((string name, StringValues values) in exchange.Headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
                response.Content.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
        }

        return response;
    }

    private static HttpResponseMessage Refuse(string reason) => new(HttpStatusCode.LoopDetected) { Content = new StringContent(reason) };

    private sealed class ActivityFeature : IHttpActivityFeature
    {
        public required Activity Activity { get; set; }
    }
}

/// <summary>Marks a request that came from another app of this server.</summary>
internal sealed record ServiceCall(string App, CallChain? Caller);
