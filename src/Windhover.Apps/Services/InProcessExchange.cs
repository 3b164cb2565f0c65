using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Windhover.Apps.Services;

// One HTTP exchange without a socket: a DefaultHttpContext whose response goes into a pipe.
//
//   caller                                   the app that answers
//   (1) Create, with the request
//   (2) dispatch(context) ───────────────►   sets status and headers, writes
//   (3) Started  ◄───────────────────────    first flush, or the end
//   (4) reads Response.Body ◄────────────    goes on writing
//   (5) Finish ◄─────────────────────────    returned, or failed: the pipe ends accordingly
//
// The pipe has no bound: the callee may run on the caller's own thread, below it on one stack, where nobody would read meanwhile. What an answer may
// have is the budget's matter (`response-body`).
internal sealed class InProcessExchange : IHttpResponseFeature, IHttpResponseBodyFeature, IHttpRequestLifetimeFeature
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _aborted;
    private readonly List<(Func<object, Task> Callback, object State)> _starting = [];
    private readonly StartingWriter _writer;
    private bool _ended;

    public InProcessExchange(string method, string path, string query, string host, Stream? body, CancellationToken cancellation)
    {
        _aborted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _writer = new StartingWriter(this, _pipe.Writer);
        RequestAborted = _aborted.Token;
        var features = new FeatureCollection();
        features.Set<IHttpRequestFeature>(new HttpRequestFeature
        {
            Method = method,
            Path = path,
            QueryString = query,
            RawTarget = path + query,
            Scheme = "http",
            Protocol = "HTTP/1.1",
            Body = body ?? Stream.Null,
        });
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        features.Set<IHttpRequestLifetimeFeature>(this);
        Context = new DefaultHttpContext(features);
        Context.Request.Host = new HostString(host);
    }

    public DefaultHttpContext Context { get; }

    /// <summary>Ends when status and headers stand.</summary>
    public Task Started => _started.Task;

    public PipeReader ResponseBody => _pipe.Reader;

    public int StatusCode { get; set; } = 200;

    public string? ReasonPhrase { get; set; }

    public IHeaderDictionary Headers { get; set; } = new HeaderDictionary();

    public bool HasStarted { get; private set; }

    Stream IHttpResponseFeature.Body { get => _writer.AsStream(); set => throw new NotSupportedException("The body is a pipe."); }

    Stream IHttpResponseBodyFeature.Stream => _writer.AsStream();

    PipeWriter IHttpResponseBodyFeature.Writer => _writer;

    public CancellationToken RequestAborted { get; set; }

    public void OnStarting(Func<object, Task> callback, object state) => _starting.Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state)
    {
        // Only middleware registers these, and there is none here.
    }

    public void DisableBuffering()
    {
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(((IHttpResponseBodyFeature)this).Stream, path, offset, count, cancellationToken);

    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (HasStarted)
            return;
        foreach ((Func<object, Task> callback, object state) in _starting)
            await callback(state).ConfigureAwait(false);
        HasStarted = true;
        _started.TrySetResult();
    }

    public async Task CompleteAsync()
    {
        await StartAsync(CancellationToken.None).ConfigureAwait(false);
        End(null);
    }

    /// <summary>The answer is broken off.</summary>
    public void Abort()
    {
        var failure = new IOException("The app broke its answer off.");
        _started.TrySetException(failure);
        _ = _started.Task.Exception;
        End(failure);
        _aborted.Cancel();
    }

    /// <summary>The app is done with the request.</summary>
    public async Task FinishAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
            await CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            _started.TrySetException(error);
            _ = _started.Task.Exception;
            End(error);
        }
    }

    private void End(Exception? error)
    {
        if (_ended)
            return;
        _ended = true;
        _pipe.Writer.Complete(error);
    }

    /// <summary>The first flush starts the response.</summary>
    private sealed class StartingWriter(InProcessExchange exchange, PipeWriter inner) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => exchange.End(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Task start = exchange.StartAsync(cancellationToken);
            return start.IsCompletedSuccessfully ? inner.FlushAsync(cancellationToken) : Slow(start, cancellationToken);
        }

        private async ValueTask<FlushResult> Slow(Task start, CancellationToken cancellationToken)
        {
            await start.ConfigureAwait(false);
            return await inner.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}
