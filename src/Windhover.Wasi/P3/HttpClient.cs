using Windhover.Engine;
using Windhover.Wasi.Http;

namespace Windhover.Wasi.P3;

/// <summary><c>wasi:http/client</c>: the same way out as 0.2's outgoing-handler (<see cref="HttpSender"/>), awaited.</summary>
internal static class HttpClient
{
    public static async ValueTask<Result<HttpResponse, HttpError>> SendAsync(WasiContext context, HttpRequest request, CancellationToken cancellation)
    {
        var body = request.TakeBody();
        var target = HttpSender.Resolve(context, request.Scheme, request.Authority, request.PathWithQuery);
        if (!target.TryGet(out var uri, out var refused))
        {
            body.Dispose();
            return refused;
        }

        var ended = CancellationTokenSource.CreateLinkedTokenSource(context.Aborted, cancellation); // lives as long as the content may be read
        var content = body.HasContents ? new GuestContent(request.DeclaredLength) : null;
        var sending = content is null ? Task.CompletedTask : CopyAsync(body, content, request.DeclaredLength, ended.Token);
        try
        {
            var message = HttpSender.CreateMessage(context, context.Options.OutgoingHttp!, request.Method, uri, request.Headers, content, request.Options);
            var response = await HttpSender.SendAsync(context, context.Options.OutgoingHttp!, message, request.Options, Release, ended.Token).ConfigureAwait(false);
            if (content is null)
                body.SetSent(null);
            var (reader, readTrailers, release) = response.TakeContent();
            return new HttpResponse(response.Headers, new HostBody(reader, readTrailers, release, context.Aborted)) { StatusCode = response.Status };
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

    private static async Task CopyAsync(MessageBody body, GuestContent content, long? declaredLength, CancellationToken ended)
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
