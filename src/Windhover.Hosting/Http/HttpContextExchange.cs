using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Http;

/// <summary>A request of Kestrel as the WASI room sees it. Bodies are Kestrel's own pipes: nothing is copied between.</summary>
internal sealed class HttpContextExchange(HttpContext context) : IHttpExchange
{
    /// <summary>Whether the guest has set a response.</summary>
    public bool HasResponse { get; private set; }

    /// <summary>Whether all of the response was given.</summary>
    public bool IsComplete { get; private set; }

    public string Method => context.Request.Method;

    public string? PathWithQuery => context.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } target && target[0] == '/'
        ? target
        : context.Request.PathBase + context.Request.Path + context.Request.QueryString;

    public string? Scheme => context.Request.Scheme;

    public string? Authority => context.Request.Host.HasValue ? context.Request.Host.Value : null;

    public PipeReader RequestBody => context.Request.BodyReader;

    public PipeWriter ResponseBody => context.Response.BodyWriter;

    public void ReadRequestHeaders(Fields into)
    {
        foreach ((string name, StringValues values) in context.Request.Headers)
            Add(into, name, values);
    }

    public bool ReadRequestTrailers(Fields into)
    {
        if (context.Features.Get<IHttpRequestTrailersFeature>() is not { Available: true, Trailers.Count: > 0 } feature)
            return false;
        foreach ((string name, StringValues values) in feature.Trailers)
            Add(into, name, values);
        return true;
    }

    public bool SendInformational(int status, Fields headers) => false;

    public void StartResponse(int status, Fields headers, long? contentLength)
    {
        HasResponse = true;
        HttpResponse response = context.Response;
        response.StatusCode = status;
        for (int i = 0; i < headers.Count; i++)
        {
            (string name, string value) = headers[i];
            if (response.Headers.TryGetValue(name, out StringValues existing))
                response.Headers[name] = StringValues.Concat(existing, value);
            else
                response.Headers[name] = value;
        }

        // A length on an answer that has no content (204, 304, to HEAD) is the guest's to say.
        if (contentLength is { } length && response.ContentLength is null && !IsBodyless(status))
            response.ContentLength = length;
    }

    public void CompleteResponse(Fields? trailers)
    {
        if (trailers is { Count: > 0 } && context.Response.SupportsTrailers())
        {
            for (int i = 0; i < trailers.Count; i++)
            {
                (string name, string value) = trailers[i];
                context.Response.AppendTrailer(name, value);
            }
        }

        IsComplete = true;
    }

    public void AbortResponse(HttpError error)
    {
        // Not started: the endpoint answers 500. Started: the client must not take what it got for the whole.
        if (context.Response.HasStarted)
            context.Abort();
        else
            HasResponse = false;
    }

    private static bool IsBodyless(int status) => status is >= 100 and < 200 or 204 or 304;

    private static void Add(Fields into, string name, StringValues values)
    {
        foreach (string? value in values)
            into.AddReceived(name, value ?? "");
    }
}
