using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Hosting.Isolation.Calls;
using Windhover.Wasi.Http;

namespace Windhover.Apps.Services;

// A guest's request to http://NAME.internal/ reaches the app of that name here: no HTTP client, no socket, no serialisation of headers. That the caller may do so
// was checked before, by its allow-list (`allow-hosts = ["http://stock.internal"]`).
//
// Within a Spin application http://COMPONENT.spin.internal/ reaches another component of it, past all routes.
//
// A request whose content is there runs the callee at once on the caller's thread, which would only wait for it. One whose caller may still be writing gets
// another thread, and so does one whose caller has left too little of its stack for another guest.
//
// A caller in a process of its own comes over a connection (Windhover.Hosting, CallServer), and the callee answers that: AnswerAsync.
internal sealed class ServiceCalls(Lazy<AppServer> server) : ILocalHttpEndpoint
{
    public const string Domain = ".internal";

    public const string ComponentDomain = ".spin.internal";

    private const string RefusalType = "text/plain; charset=utf-8";

    string ILocalHttpEndpoint.Domain => Domain;

    public bool Serves(string host) => host.EndsWith(Domain, StringComparison.OrdinalIgnoreCase);

    public object? CallerOf(HttpContext request) => ServiceCaller.Of(request);

    public ValueTask<IHttpAnswer> SendAsync(LocalRequest request, CancellationToken ended)
    {
        ServiceCaller caller = ServiceCaller.Of(request.Caller);
        Callee callee = Find(request.Uri.Host, caller.Chain);
        if (callee.Refusal is { } refusal)
            return new(new Refusal(refusal, request));
        Activity? around = Activity.Current;
        string path = request.Uri.AbsolutePath;
        var exchange = new InProcessExchange(
            request.Method,
            PathOf(path),
            request.Uri.Query,
            request.Uri.PathAndQuery,
            request.Uri.Authority,
            request.Content,
            ended);
        CopyHeaders(request, exchange.RequestHeaders);
        Activity? activity = StartSpan(exchange.Context, callee, request.Span == default ? caller : caller with { Trace = request.Span });
        _ = exchange.FinishAsync(server.Value.CallAsync(exchange.Context, callee.App, callee.Component, caller.Chain, alone: !request.IsContentThere || !server.Value.Services.Host.Engine.HasStackForGuest()));
        if (!exchange.Started.IsCompletedSuccessfully)
        {
            Activity.Current = around; // The guest goes on meanwhile, outside of the call.
            return WaitAsync(exchange, activity, ended);
        }

        activity?.Dispose();
        return new(exchange);
    }

    public async Task AnswerAsync(HttpContext context, object? caller)
    {
        ServiceCaller from = ServiceCaller.Of(caller);
        Callee callee = Find(context.Request.Host.Host, from.Chain);
        if (callee.Refusal is { } refusal)
        {
            context.Response.StatusCode = StatusCodes.Status508LoopDetected;
            context.Response.ContentType = RefusalType;
            await context.Response.WriteAsync(refusal, context.RequestAborted).ConfigureAwait(false);
            return;
        }

        // Routes see the same path as they do when the caller is here.
        if (context.Features.Get<IHttpRequestFeature>() is { RawTarget: ['/', ..] target } request)
            request.Path = PathOf(target.Split('?')[0]);
        using Activity? activity = StartSpan(context, callee, from);
        await server.Value.CallAsync(context, callee.App, callee.Component, from.Chain, alone: false).ConfigureAwait(false);
    }

    private Callee Find(string host, CallChain? caller)
    {
        string name = host[..^Domain.Length];
        string? component = null;
        if (host.EndsWith(ComponentDomain, StringComparison.OrdinalIgnoreCase))
        {
            component = host[..^ComponentDomain.Length];
            name = caller?.App ?? "";
            if (!server.Value.Answers(name, component))
                throw NotFound($"the app `{name}` has no component `{component}` that answers requests");
            if (caller!.Contains(name, component))
                return new(name, component, $"components call each other in a circle: {caller} → {name}/{component}");
        }
        else if (server.Value.Find(name) is null)
        {
            throw NotFound($"there is no app `{name}` on this server");
        }
        else if (caller is not null && caller.Contains(name))
        {
            return new(name, component, $"apps call each other in a circle: {caller} → {name}");
        }

        return new(name, component, caller is { Depth: >= CallChain.MaxDepth } ? $"calls between apps are nested more than {CallChain.MaxDepth} deep: {caller}" : null);
    }

    private static Activity? StartSpan(HttpContext context, Callee callee, ServiceCaller caller)
    {
        if (!Telemetry.Source.HasListeners() || Telemetry.Source.StartActivity("call " + (callee.Component ?? callee.App), ActivityKind.Client, caller.Trace) is not { } activity)
            return null;
        context.Request.Headers.TraceParent = activity.Id;
        context.Features.Set<IHttpActivityFeature>(new ActivityFeature { Activity = activity });
        return activity;
    }

    private static string PathOf(string path) => path.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(path) : path;

    private static async ValueTask<IHttpAnswer> WaitAsync(InProcessExchange exchange, Activity? activity, CancellationToken ended)
    {
        try
        {
            await exchange.Started.WaitAsync(ended).ConfigureAwait(false);
            return exchange;
        }
        finally
        {
            activity?.Dispose();
        }
    }

    private static HttpRequestException NotFound(string reason) =>
        new(HttpRequestError.NameResolutionError, reason, new SocketException((int)SocketError.HostNotFound));

    private static void CopyHeaders(LocalRequest request, IHeaderDictionary headers)
    {
        for (int i = 0; i < request.Headers.Count; i++)
        {
            (string name, string value) = request.Headers[i];
            if (headers.TryGetValue(name, out StringValues before))
                headers[name] = StringValues.Concat(before, value);
            else
                headers[name] = value;
        }

        if (request.ContentLength is { } length)
            headers.ContentLength = length;
    }

    /// <summary>Who answers, or why nobody does: a circle, or one call too deep.</summary>
    private readonly record struct Callee(string App, string? Component, string? Refusal);

    /// <summary>508, with a reason.</summary>
    private sealed class Refusal : IHttpAnswer
    {
        public Refusal(string reason, LocalRequest request)
        {
            Content = PipeReader.Create(new(System.Text.Encoding.UTF8.GetBytes(reason)));
            request.Content?.Complete();
        }

        public int Status => StatusCodes.Status508LoopDetected;

        public PipeReader Content { get; }

        public void ReadHeaders(Fields into) => into.AddReceived("content-type", RefusalType);

        public void ReadTrailers(Fields into)
        {
        }

        public void Dispose() => Content.Complete();
    }

    private sealed class ActivityFeature : IHttpActivityFeature
    {
        public required Activity Activity { get; set; }
    }
}
