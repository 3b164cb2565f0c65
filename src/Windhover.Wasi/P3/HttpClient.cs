using Windhover.Engine;
using Windhover.Wasi.Http;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:http/client</c>: the same way out as 0.2's outgoing-handler (<see cref="HttpSender"/>), awaited.</summary>
internal static class HttpClient
{
    public static async ValueTask<Result<HttpResponse, HttpError>> SendAsync(WasiContext context, HttpRequest request, CancellationToken cancellation)
    {
        using var owned = request;
        var body = request.TakeBody();
        var target = HttpSender.Resolve(context, request.Scheme, request.Authority, request.PathWithQuery);
        if (!target.TryGet(out var uri, out var refused))
        {
            body.Dispose();
            return refused;
        }

        var ended = CancellationTokenSource.CreateLinkedTokenSource(context.Aborted, cancellation); // lives as long as the content may be read
        var http = context.Options.OutgoingHttp!;
        var hasContents = body.HasContents;
        var local = http.LocalTo(uri.Host) is { } answerer
            ? new LocalCall(context, answerer, request.Method, uri, request.Headers, hasContents, request.Options, Release, ended.Token)
            : null;
        var content = local is null && hasContents ? new GuestContent(request.DeclaredLength) : null;
        var sending = hasContents ? CopyAsync(body, local ?? (IBodySink)content!, request.DeclaredLength, ended.Token) : Task.CompletedTask;
        try
        {
            var response = local is not null
                ? await local.Response.ConfigureAwait(false)
                : await HttpSender.SendAsync(
                    context, http, HttpSender.CreateMessage(context, http, request.Method, uri, request.Headers, content, request.Options), request.Options, Release, ended.Token).ConfigureAwait(false);
            if (!hasContents)
                body.SetSent(null);
            var (reader, readTrailers, release) = response.TakeContent();
            return new HttpResponse(response.Headers, new HostBody(reader, new ResponseTrailers(readTrailers), release, context.Aborted)) { StatusCode = response.Status };
        }
        catch (Exception error) when (error is not OutOfMemoryException && !cancellation.IsCancellationRequested)
        {
            var failure = HttpFailures.From(error);
            body.SetSent(failure);
            body.Dispose();
            await sending.ConfigureAwait(false);
            return failure;
        }

        void Release()
        {
            context.Usage.Closed(BudgetKind.OutboundRequests);
            ended.Dispose();
        }
    }

    private sealed class ResponseTrailers(Func<Fields?> read) : ITrailerSource
    {
        public Fields? Read() => read();
    }

    private static async Task CopyAsync(MessageBody body, IBodySink content, long? declaredLength, CancellationToken ended)
    {
        try
        {
            var copied = await body.CopyToAsync(content.Start(declaredLength), declaredLength, HttpErrorKind.HttpRequestBodySize, ended).ConfigureAwait(false);
            if (!copied.TryGet(out var trailers, out var error))
                content.Abort(error);
            else if (!content.Complete(trailers).TryGet(out _, out var refused))
                error = refused;
            body.SetSent(error);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            var error = HttpFailures.From(failure);
            content.Abort(error);
            body.SetSent(error);
        }
    }
}
