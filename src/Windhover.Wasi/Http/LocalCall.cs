using System.Diagnostics;
using System.IO.Pipelines;

namespace Windhover.Wasi.Http;

// A guest's request that is answered within the process. When it begins:
//
//   no content             at once, within the guest's call
//   a short content        when the guest completes it, within that call: the content is whole, the answerer waits for nothing, and no thread but the guest's is needed
//   a longer one           when the guest flushes it, or waits; the rest follows through the pipe while the answerer runs elsewhere
//
// So the usual call costs no switch of threads: by the time the guest asks, the answer is there.
internal sealed class LocalCall : PipeWriter, IBodySink
{
    private static readonly PipeOptions s_pipe = new(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false);

    private readonly WasiContext _context;
    private readonly object? _caller;
    private readonly ActivityContext _span;
    private readonly ILocalHttp _local;
    private readonly string _method;
    private readonly Uri _uri;
    private readonly Fields _headers;
    private readonly RequestOptions? _options;
    private readonly Action _release;
    private readonly CancellationToken _ended;
    private readonly Pipe? _pipe;
    private readonly CancellationTokenRegistration _givenUp;
    private readonly TaskCompletionSource<IncomingResponse> _response = new();
    private long? _length;
    private int _begun;

    /// <param name="context">The guest's services.</param>
    /// <param name="local">Who answers.</param>
    /// <param name="method">The method.</param>
    /// <param name="uri">Where to, checked.</param>
    /// <param name="headers">The guest's fields. The call shares them until it is answered.</param>
    /// <param name="hasContent">Whether a content will be written into this.</param>
    /// <param name="options">Timeouts.</param>
    /// <param name="release">Called once, when neither request nor answer is in use any more.</param>
    /// <param name="ended">The guest gave the request up.</param>
    public LocalCall(
        WasiContext context, ILocalHttp local, string method, Uri uri, Fields headers, bool hasContent, RequestOptions? options, Action release, CancellationToken ended)
    {
        _context = context;
        _caller = context.Caller; // now, while its code runs
        _span = GuestTrace.Find(context.Spans, headers);
        _local = local;
        _method = method;
        _uri = uri;
        _headers = headers.Share();
        _options = options;
        _release = release;
        _ended = ended;
        if (!hasContent)
        {
            Begin(isContentThere: true);
            return;
        }

        _pipe = new Pipe(s_pipe);
        _givenUp = ended.UnsafeRegister(static call => ((LocalCall)call!).Fail(new OperationCanceledException()), this);
    }

    /// <summary>The answer, or what stands in its place. Its continuations run where it was given: they must be short.</summary>
    public Task<IncomingResponse> Response => _response.Task;

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _pipe!.Writer.UnflushedBytes;

    public PipeWriter Start(long? contentLength)
    {
        _length = contentLength;
        return this;
    }

    public Result<Unit, HttpError> Complete(Fields? trailers)
    {
        if (trailers is { Count: > 0 })
        {
            var error = HttpError.Internal("Trailers cannot be sent with a request.");
            Abort(error);
            return error;
        }

        _pipe!.Writer.Complete();
        Begin(isContentThere: true);
        return Result.Ok();
    }

    public void Abort(HttpError error)
    {
        var failure = new HttpGuestException(error);
        _pipe!.Writer.Complete(failure);
        Fail(failure);
    }

    public override void Advance(int bytes) => _pipe!.Writer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _pipe!.Writer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _pipe!.Writer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => _pipe!.Writer.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => _pipe!.Writer.Complete(exception);

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        var flush = _pipe!.Writer.FlushAsync(cancellationToken);
        Begin(isContentThere: false);
        return flush;
    }

    private void Begin(bool isContentThere)
    {
        if (Interlocked.Exchange(ref _begun, 1) == 0)
            _ = RunAsync(new LocalRequest(_method, _uri, _headers, _pipe?.Reader, _length, isContentThere, _caller) { Span = _span });
    }

    // Given up before it began: nobody will ask for the content.
    private void Fail(Exception failure)
    {
        if (Interlocked.Exchange(ref _begun, 1) != 0)
            return;
        _headers.Dispose();
        _pipe!.Reader.Complete(failure);
        _release();
        _response.TrySetException(failure);
    }

    private async Task RunAsync(LocalRequest request)
    {
        _givenUp.Unregister();
        try
        {
            var answer = await SendAsync(request).ConfigureAwait(false);
            _response.SetResult(new IncomingResponse(_context, answer, RequestOptions.ToTimeSpan(_options?.BetweenBytesTimeout), _release));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _release();
            _response.TrySetException(failure);
        }
        finally
        {
            _headers.Dispose();
        }
    }

    private async ValueTask<IHttpAnswer> SendAsync(LocalRequest request)
    {
        if (RequestOptions.ToTimeSpan(_options?.FirstByteTimeout) is not { } timeout)
            return await _local.SendAsync(request, _ended).ConfigureAwait(false);
        using var firstByte = new CancellationTokenSource(timeout, _context.Options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_ended, firstByte.Token);
        try
        {
            return await _local.SendAsync(request, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (firstByte.IsCancellationRequested && !_ended.IsCancellationRequested)
        {
            throw new HttpGuestException(new HttpError(HttpErrorKind.HttpResponseTimeout));
        }
    }
}
