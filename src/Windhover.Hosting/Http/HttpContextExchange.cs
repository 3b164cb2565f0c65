using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Http;

// A client that has gone is the end of its request and nobody's error: Kestrel then takes what is written and drops it, and what it throws instead in
// some states is left out here. The guest learns of it from its next wait.

/// <summary>A request of Kestrel as the WASI room sees it. Bodies are Kestrel's own pipes: nothing is copied between.</summary>
internal sealed class HttpContextExchange(HttpContext context) : IHttpExchange
{
    private ChunkedWriter? _chunks;
    private Fields? _declared;

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

    public PipeWriter ResponseBody => _chunks ?? context.Response.BodyWriter;

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

    /// <summary>ASP.NET Core 10 has no way to send interim responses (dotnet/aspnetcore#27851) but the ones that Kestrel sends itself (100, 101).</summary>
    public bool SendInformational(int status, Fields headers) => false;

    public void DeclareTrailers(Fields trailers) => _declared = trailers;

    public void StartResponse(int status, Fields headers, long? contentLength)
    {
        HasResponse = true;
        try
        {
            Start(status, headers, contentLength);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
        }
    }

    public void CompleteResponse(Fields? trailers)
    {
        IsComplete = true;
        try
        {
            if (_chunks is not null)
                _chunks.End(trailers);
            else if (trailers is { Count: > 0 } && context.Response.SupportsTrailers())
                Append(trailers);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
        }
    }

    public void AbortResponse(HttpError error)
    {
        // Not started: the endpoint answers 500. Started: the client must not take what it got for the whole.
        if (context.Response.HasStarted)
            context.Abort();
        else
            HasResponse = false;
    }

    private void Start(int status, Fields headers, long? contentLength)
    {
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

        if (IsBodyless(status))
            return; // A length on an answer that has no content (204, 304, to HEAD) is the guest's to say.
        if (_declared is not null && !response.Headers.ContainsKey(HeaderNames.Trailer))
            response.Headers.Trailer = string.Join(", ", Names(_declared).Where(TrailerRule.IsAllowed).Distinct(StringComparer.OrdinalIgnoreCase));
        if (CanChunk() && response.Headers.ContainsKey(HeaderNames.Trailer))
        {
            // Kestrel's own chunks end without trailers. To say that the application writes them is the header field.
            response.ContentLength = null;
            response.Headers.TransferEncoding = "chunked";
            _chunks = new ChunkedWriter(response.BodyWriter);
        }
        else if (contentLength is { } length && response.ContentLength is null)
        {
            response.ContentLength = length;
        }
    }

    // Not where a middleware stands between: compression, for one, would take the chunks' frames for content.
    private bool CanChunk() =>
        HttpProtocol.IsHttp11(context.Request.Protocol) && !HttpMethods.IsHead(context.Request.Method)
        && context.Features.Get<IHttpResponseFeature>() is { } response && ReferenceEquals(response, context.Features.Get<IHttpResponseBodyFeature>());

    private void Append(Fields trailers)
    {
        for (int i = 0; i < trailers.Count; i++)
        {
            (string name, string value) = trailers[i];
            if (TrailerRule.IsAllowed(name))
                context.Response.AppendTrailer(name, value);
        }
    }

    private static IEnumerable<string> Names(Fields fields)
    {
        for (int i = 0; i < fields.Count; i++)
            yield return fields[i].Key;
    }

    private static bool IsBodyless(int status) => status is >= 100 and < 200 or 204 or 304;

    private void Add(Fields into, string name, StringValues values)
    {
        foreach (string? value in values)
            into.AddReceived(name, HeaderBytes.Received(context, name, value ?? ""));
    }
}
