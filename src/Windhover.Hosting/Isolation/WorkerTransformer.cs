using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Windhover.Hosting.Isolation.Calls;
using Yarp.ReverseProxy.Forwarder;

namespace Windhover.Hosting.Isolation;

/// <summary>Makes the hop invisible: the guest sees the client's authority, scheme and target, byte for byte.</summary>
/// <param name="key">The worker's key.</param>
/// <param name="number">Under which the request's calls are known; null: there can be none.</param>
internal sealed class WorkerTransformer(string key, long? number) : HttpTransformer
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    public override async ValueTask TransformRequestAsync(
        HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
    {
        await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken).ConfigureAwait(false);
        proxyRequest.RequestUri = new Uri(destinationPrefix + Target(httpContext.Request), AsItIs);
        proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        HopHeaders.Set(proxyRequest, key, httpContext.Request.Scheme, number); // a client's own would be believed
    }

    // As HttpContextExchange sees it: the target in origin form, or what Kestrel made of another form.
    private static string Target(HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } target && target[0] == '/'
            ? target
            : request.PathBase + request.Path + request.QueryString;
}
