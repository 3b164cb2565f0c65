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
        if (http.LocalTo(uri.Host) is { } local)
        {
            var call = new LocalCall(context, local, request.Method, uri, request.Headers, request.Content is not null, options, future.Release, future._dropped.Token);
            future._response.Start(new ValueTask<IncomingResponse>(call.Response));
            request.Content?.Connect(call);
            return future;
        }

        GuestContent? content = null;
        if (request.Content is { } body)
            body.Connect(content = new GuestContent(request.DeclaredLength));
        var message = HttpSender.CreateMessage(context, http, request.Method, uri, request.Headers, content, options);
        future._response.Start(HttpSender.SendAsync(context, http, message, options, future.Release, future._dropped.Token));
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
        try
        {
            _dropped.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It failed before, and nobody asked.
        }

        _ = DropAsync();
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
