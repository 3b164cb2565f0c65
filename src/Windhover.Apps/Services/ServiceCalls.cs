using System.Diagnostics;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Windhover.Apps.Operation;
using Windhover.Apps.Runtime;
using Windhover.Wasi.Http;

namespace Windhover.Apps.Services;

// A guest's request to http://NAME.internal/ reaches the app of that name here: no HTTP client, no socket, no serialisation of headers. That the caller may do so
// was checked before, by its allow-list (`allow-hosts = ["http://stock.internal"]`).
//
// Within a Spin application http://COMPONENT.spin.internal/ reaches another component of it, past all routes.
//
// A request whose content is there runs the callee at once on the caller's thread, which would only wait for it. One whose caller may still be writing gets
// another thread, and so does one whose caller has left too little of its stack for another guest.
internal sealed class ServiceCalls(Lazy<AppServer> server) : ILocalHttp
{
    public const string Domain = ".internal";

    public const string ComponentDomain = ".spin.internal";

    public bool Serves(string host) => host.EndsWith(Domain, StringComparison.OrdinalIgnoreCase);

    public ValueTask<IHttpAnswer> SendAsync(LocalRequest request, CancellationToken ended)
    {
        string name = request.Uri.Host[..^Domain.Length];
        CallChain? caller = (request.Caller as HttpContext)?.Features.Get<CallChain>() ?? request.Caller as CallChain;
        string? component = null;
        if (request.Uri.Host.EndsWith(ComponentDomain, StringComparison.OrdinalIgnoreCase))
        {
            component = request.Uri.Host[..^ComponentDomain.Length];
            name = caller?.App ?? "";
            if (!server.Value.Answers(name, component))
                throw NotFound($"the app `{name}` has no component `{component}` that answers requests");
            if (caller!.Contains(name, component))
                return new(new Refusal($"components call each other in a circle: {caller} → {name}/{component}", request));
        }
        else if (server.Value.Find(name) is null)
        {
            throw NotFound($"there is no app `{name}` on this server");
        }
        else if (caller is not null && caller.Contains(name))
        {
            return new(new Refusal($"apps call each other in a circle: {caller} → {name}", request));
        }

        if (caller is { Depth: >= CallChain.MaxDepth })
            return new(new Refusal($"calls between apps are nested more than {CallChain.MaxDepth} deep: {caller}", request));

        Activity? around = Activity.Current;
        Activity? activity = Telemetry.Source.HasListeners() ? Telemetry.Source.StartActivity("call " + (component ?? name), ActivityKind.Client, ParentOf(request)) : null;
        string path = request.Uri.AbsolutePath;
        var exchange = new InProcessExchange(
            request.Method,
            path.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(path) : path,
            request.Uri.Query,
            request.Uri.PathAndQuery,
            request.Uri.Authority,
            request.Content,
            ended);
        CopyHeaders(request, exchange.RequestHeaders);
        if (activity is not null)
        {
            exchange.RequestHeaders.TraceParent = activity.Id;
            exchange.Context.Features.Set<IHttpActivityFeature>(new ActivityFeature { Activity = activity });
        }

        _ = exchange.FinishAsync(server.Value.CallAsync(exchange.Context, name, component, caller, alone: !request.IsContentThere || !server.Value.Services.Host.Engine.HasStackForGuest()));
        if (!exchange.Started.IsCompletedSuccessfully)
        {
            Activity.Current = around; // The guest goes on meanwhile, outside of the call.
            return WaitAsync(exchange, activity, ended);
        }

        activity?.Dispose();
        return new(exchange);
    }

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

    // What the guest says, where it names a span of its own; else the span of the request that it answers.
    private static ActivityContext ParentOf(LocalRequest request) => request.Span != default ? request.Span
        : (request.Caller as HttpContext)?.Features.Get<IHttpActivityFeature>()?.Activity is { } activity ? activity.Context : Activity.Current?.Context ?? default;

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

        public void ReadHeaders(Fields into) => into.AddReceived("content-type", "text/plain; charset=utf-8");

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
