using Windhover.Engine;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Http;

/// <summary>
/// The answer to come: <c>wasi:http/types.future-incoming-response</c>.
/// </summary>
internal sealed partial class FutureIncomingResponse : ReadinessSource, IDisposable
{
    private readonly WasiContext _context;
    private readonly PendingOperation<IncomingResponse> _response;
    private readonly CancellationTokenSource _dropped;
    private bool _taken;
    private bool _disposed;

    private FutureIncomingResponse(WasiContext context)
    {
        _context = context;
        _dropped = CancellationTokenSource.CreateLinkedTokenSource(context.Aborted);
        _response = new PendingOperation<IncomingResponse>(this);
    }

    public override bool IsReady => !_response.IsActive || _response.IsCompleted;

    /// <summary>Sends a request that was checked already. The caller has counted it; it is counted off when its answer is no longer in use.</summary>
    public static FutureIncomingResponse Send(WasiContext context, OutgoingHttp http, OutgoingRequest request, Uri uri, RequestOptions? options)
    {
        var future = new FutureIncomingResponse(context);
        var message = new HttpRequestMessage(new HttpMethod(request.Method), uri);
        GuestContent? content = null;
        if (request.Content is { } body)
        {
            message.Content = content = new GuestContent(request.DeclaredLength);
            body.Connect(content);
        }
        for (var i = 0; i < request.Headers.Count; i++)
        {
            var (name, value) = request.Headers[i];
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
        future._response.Start(future.SendAsync(http, message, content, options));
        return future;
    }

    /// <summary>The answer.</summary>
    /// <returns>Null until it is there; then once the outcome; after that, an error.</returns>
    public Result<Result<IncomingResponse, HttpError>, Unit>? Get()
    {
        if (_taken)
            return Result.Err();
        if (!IsReady)
            return null;
        _taken = true;
        try
        {
            return (Result<IncomingResponse, HttpError>)_response.Take();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return (Result<IncomingResponse, HttpError>)HttpFailures.From(exception);
        }
    }

    /// <summary>A pollable that is ready when <see cref="Get"/> gives the outcome.</summary>
    public Pollable Subscribe() => new(this, _context.Blocking);

    public override void Arm() => _response.Hook();

    /// <summary>The guest drops it: a request without an answer yet is given up.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (_taken)
            return;
        _dropped.Cancel();
        _ = DropAsync();
    }

    private async ValueTask<IncomingResponse> SendAsync(OutgoingHttp http, HttpRequestMessage message, GuestContent? content, RequestOptions? options)
    {
        HttpResponseMessage? response = null;
        try
        {
            // A short content that is complete already goes with its length; see BodyOutputStream.
            if (content is not null && content.KnownLength is null)
                content.KnownLength = await content.Started.WaitAsync(_dropped.Token).ConfigureAwait(false);

            var uri = message.RequestUri;
            using var client = http.Factory.CreateClient(http.ClientName);
            client.Timeout = Timeout.InfiniteTimeSpan;
            message.Version = client.DefaultRequestVersion;
            message.VersionPolicy = client.DefaultVersionPolicy;
            using var firstByte = RequestOptions.ToTimeSpan(options?.FirstByteTimeout) is { } timeout
                ? new CancellationTokenSource(timeout, _context.Options.Time)
                : null;
            using var either = firstByte is null ? null : CancellationTokenSource.CreateLinkedTokenSource(_dropped.Token, firstByte.Token);
            try
            {
                response = await client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either?.Token ?? _dropped.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (firstByte is { IsCancellationRequested: true } && !_dropped.IsCancellationRequested)
            {
                throw new HttpGuestException(new HttpError(HttpErrorKind.HttpResponseTimeout));
            }

            if (response.RequestMessage?.RequestUri is { } answered && answered != uri)
                throw new HttpGuestException(HttpError.Internal("The HTTP client of the host follows redirects, which no allow-list has checked."));
            var stream = await response.Content.ReadAsStreamAsync(_dropped.Token).ConfigureAwait(false);
            return new IncomingResponse(_context, response, stream, RequestOptions.ToTimeSpan(options?.BetweenBytesTimeout), Release);
        }
        catch
        {
            response?.Dispose();
            message.Dispose();
            Release();
            throw;
        }
    }

    private void Release()
    {
        _context.Usage.Closed(BudgetKind.OutboundRequests);
        _dropped.Dispose();
    }

    private async Task DropAsync()
    {
        try
        {
            await WaitReadyAsync(CancellationToken.None).ConfigureAwait(false);
            _response.Take().Dispose();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Given up, as intended.
        }
    }
}
