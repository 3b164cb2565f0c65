using System.Diagnostics;
using System.Net;
using Windhover.Engine;

namespace Windhover.Wasi.Http;

/// <summary>The way out of every request of a guest: what is allowed, how it becomes a message of .NET, and the wait for the answer, on no thread.</summary>
internal static class HttpSender
{
    /// <summary>Checks where a request goes, and counts it; the sender counts it off.</summary>
    public static Result<Uri, HttpError> Resolve(WasiContext context, string? requestScheme, string? authority, string? pathWithQuery)
    {
        var http = context.Options.OutgoingHttp;
        if (http is null)
            return new HttpError(HttpErrorKind.HttpRequestDenied);
        var scheme = (requestScheme ?? "https").ToLowerInvariant();
        if (scheme is not ("http" or "https"))
            return new HttpError(HttpErrorKind.HttpProtocolError);
        if (authority is null || !RequestSyntax.TrySplitAuthority(authority, out var host, out var port) || authority.Contains('@'))
            return new HttpError(HttpErrorKind.HttpRequestUriInvalid);
        if (!http.Allows(scheme, host, port ?? (scheme == "https" ? 443 : 80)))
            return new HttpError(HttpErrorKind.HttpRequestDenied);
        var path = pathWithQuery is null or "" ? "/" : pathWithQuery;
        if (!path.StartsWith('/'))
            path = path.StartsWith('?') ? "/" + path : path;
        if (!path.StartsWith('/')
            || !Uri.TryCreate($"{scheme}://{authority}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri))
            return new HttpError(HttpErrorKind.HttpRequestUriInvalid);
        // What the rules saw must be where the request goes, however the host was written; and an address that no rule grants is refused at once.
        var target = uri.IdnHost;
        if (!http.Allows(scheme, target, uri.Port))
            return new HttpError(HttpErrorKind.HttpRequestDenied);
        if (IPAddress.TryParse(target, out var address) && !http.AllowsAddress(scheme, target, address, uri.Port))
            return new HttpError(HttpErrorKind.DestinationIpProhibited);
        return context.Usage.TryOpen(BudgetKind.OutboundRequests) ? uri : new HttpError(HttpErrorKind.ConnectionLimitReached);
    }

    /// <summary>The request as .NET sends it. The connection is checked against <paramref name="http"/> again, by the address that the name turned out to have.</summary>
    public static HttpRequestMessage CreateMessage(
        WasiContext context, OutgoingHttp http, string method, Uri uri, Fields headers, GuestContent? content, RequestOptions? options)
    {
        var message = new HttpRequestMessage(new HttpMethod(method), uri) { Content = content };
        for (var i = 0; i < headers.Count; i++)
        {
            var (name, value) = headers[i];
            if (context.Spans is { } spans && GuestTrace.IsHeader(name) && spans.TryFind(value, out var span, out var open))
            {
                value = GuestTrace.Format(span);
                if (open is not null)
                    message.Options.Set(GuestTrace.SpanKey, open);
            }

            if (!message.Headers.TryAddWithoutValidation(name, value) && !name.Equals("content-length", StringComparison.OrdinalIgnoreCase))
            {
                // Fields such as content-type stand with the content in .NET.
                message.Content ??= new ByteArrayContent([]);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }
        message.Options.Set(OutgoingHttp.GrantKey, http);
        if (RequestOptions.ToTimeSpan(options?.ConnectTimeout) is { } connectTimeout)
            message.Options.Set(OutgoingHttp.ConnectTimeoutKey, connectTimeout);
        if (context.Caller is { } caller)
            message.Options.Set(OutgoingHttp.CallerKey, caller);
        return message;
    }

    /// <summary>Sends a request that <see cref="Resolve"/> allowed.</summary>
    /// <param name="context">The guest's services.</param>
    /// <param name="http">The grant.</param>
    /// <param name="message">Disposed with the answer, or when there is none.</param>
    /// <param name="options">Timeouts.</param>
    /// <param name="release">Called once, when neither request nor answer is in use any more.</param>
    /// <param name="ended">The guest gave the request up.</param>
    /// <exception cref="Exception">There is no answer; <see cref="HttpFailures"/> says what WASI calls it.</exception>
    public static async ValueTask<IncomingResponse> SendAsync(
        WasiContext context, OutgoingHttp http, HttpRequestMessage message, RequestOptions? options, Action release, CancellationToken ended)
    {
        HttpResponseMessage? response = null;
        try
        {
            // A short content that is complete already goes with its length; see BodyOutputStream.
            if (message.Content is GuestContent { KnownLength: null } content)
                content.KnownLength = await content.Started.WaitAsync(ended).ConfigureAwait(false);

            // .NET's own span for the request, and what it calls, stand below the guest's. It is so within this method only.
            if (message.Options.TryGetValue(GuestTrace.SpanKey, out var span))
                Activity.Current = span;
            var uri = message.RequestUri;
            using var client = http.Factory.CreateClient(http.ClientName);
            client.Timeout = Timeout.InfiniteTimeSpan;
            message.Version = client.DefaultRequestVersion;
            message.VersionPolicy = client.DefaultVersionPolicy;
            using var firstByte = RequestOptions.ToTimeSpan(options?.FirstByteTimeout) is { } timeout
                ? new CancellationTokenSource(timeout, context.Options.Time)
                : null;
            using var either = firstByte is null ? null : CancellationTokenSource.CreateLinkedTokenSource(ended, firstByte.Token);
            try
            {
                response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either?.Token ?? ended).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (firstByte is { IsCancellationRequested: true } && !ended.IsCancellationRequested)
            {
                throw new HttpGuestException(new HttpError(HttpErrorKind.HttpResponseTimeout));
            }

            if (response.RequestMessage?.RequestUri is { } answered && answered != uri)
                throw new HttpGuestException(HttpError.Internal("The HTTP client of the host follows redirects, which no allow-list has checked."));
            var stream = await response.Content.ReadAsStreamAsync(ended).ConfigureAwait(false);
            return new IncomingResponse(context, new ClientAnswer(response, stream), RequestOptions.ToTimeSpan(options?.BetweenBytesTimeout), release);
        }
        catch
        {
            response?.Dispose();
            message.Dispose();
            release();
            throw;
        }
    }
}
