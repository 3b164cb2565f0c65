using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Yarp.ReverseProxy.Forwarder;

namespace Windhover.Hosting.Isolation;

/// <summary>Makes the hop invisible: the guest sees the client's authority, scheme and target, byte for byte.</summary>
internal sealed class WorkerTransformer : HttpTransformer
{
    public static readonly WorkerTransformer Instance = new();

    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        proxyRequest.RequestUri = new Uri(destinationPrefix + Target(httpContext.Request), AsItIs);
        proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        proxyRequest.Headers.Remove(ServeWorker.SchemeHeader); // a client's own would be believed
        proxyRequest.Headers.Add(ServeWorker.SchemeHeader, httpContext.Request.Scheme);
    }

    // As HttpContextExchange sees it: the target in origin form, or what Kestrel made of another form.
    private static string Target(HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } target && target[0] == '/'
            ? target
            : request.PathBase + request.Path + request.QueryString;
}
