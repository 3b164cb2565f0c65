using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using Windhover.Wasi.Http;

namespace Windhover.Apps.Services;

// One HTTP exchange without a socket: the features of a DefaultHttpContext in one object, and a pipe for the answer.
//
//   caller                                   the app that answers
//   (1) makes it, with the request
//   (2) dispatch(context) ───────────────►   sets status and headers, writes
//   (3) Started  ◄───────────────────────    first flush, or the end
//   (4) reads Content     ◄──────────────    goes on writing
//   (5) Finish ◄─────────────────────────    returned, or failed: the pipe ends accordingly
//
// The pipe has no bound: the callee may run on the caller's own thread, below it on one stack, where nobody would read meanwhile. What an answer may
// have is the budget's matter (`response-body`).
//
// It calls itself HTTP/2, which has trailers without frames of chunks in the content.
internal sealed class InProcessExchange
    : IHttpAnswer, IHttpRequestFeature, IRequestBodyPipeFeature, IHttpResponseFeature, IHttpResponseBodyFeature, IHttpResponseTrailersFeature, IHttpRequestLifetimeFeature
{
    private static readonly PipeOptions s_pipe = new(pauseWriterThreshold: 0, useSynchronizationContext: false);

    private readonly Pipe _pipe = new(s_pipe);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StartingWriter _writer;
    private readonly CancellationToken _cancellation;
    private readonly PipeReader? _content;
    private CancellationTokenSource? _aborted;
    private List<(Func<object, Task> Callback, object State)>? _starting;
    private PipeReader? _reader;
    private Stream? _body;
    private bool _ended;

    /// <param name="method">The method.</param>
    /// <param name="path">Decoded.</param>
    /// <param name="query">Empty, or from its question mark.</param>
    /// <param name="target">Path and query as they were sent.</param>
    /// <param name="host">With its port, if it has one.</param>
    /// <param name="content">The content of the request; completed when the app is done with it.</param>
    /// <param name="cancellation">The caller gave it up.</param>
    public InProcessExchange(string method, string path, string query, string target, string host, PipeReader? content, CancellationToken cancellation)
    {
        _writer = new StartingWriter(this, _pipe.Writer);
        _cancellation = cancellation;
        _content = content;
        Method = method;
        Path = path;
        QueryString = query;
        RawTarget = target;
        RequestHeaders.Host = host;
        var features = new FeatureCollection(8);
        features.Set<IHttpRequestFeature>(this);
        features.Set<IRequestBodyPipeFeature>(this);
        features.Set<IHttpResponseFeature>(this);
        features.Set<IHttpResponseBodyFeature>(this);
        features.Set<IHttpResponseTrailersFeature>(this);
        features.Set<IHttpRequestLifetimeFeature>(this);
        Context = new DefaultHttpContext(features);
    }

    public DefaultHttpContext Context { get; }

    /// <summary>Ends when status and headers stand.</summary>
    public Task Started => _started.Task;

    public PipeReader Content => _pipe.Reader;

    public IHeaderDictionary RequestHeaders { get; set; } = new HeaderDictionary();

    public IHeaderDictionary ResponseHeaders { get; set; } = new HeaderDictionary();

    public IHeaderDictionary Trailers { get; set; } = new HeaderDictionary();

    public int StatusCode { get; set; } = 200;

    public int Status => StatusCode;

    public string? ReasonPhrase { get; set; }

    public string Protocol { get; set; } = HttpProtocol.Http2;

    public string Scheme { get; set; } = "http";

    public string Method { get; set; }

    public string PathBase { get; set; } = "";

    public string Path { get; set; }

    public string QueryString { get; set; }

    public string RawTarget { get; set; }

    public bool HasStarted { get; private set; }

    public CancellationToken RequestAborted
    {
        get => _aborted?.Token ?? _cancellation;
        set => throw new NotSupportedException("Who calls decides.");
    }

    IHeaderDictionary IHttpRequestFeature.Headers { get => RequestHeaders; set => RequestHeaders = value; }

    IHeaderDictionary IHttpResponseFeature.Headers { get => ResponseHeaders; set => ResponseHeaders = value; }

    Stream IHttpRequestFeature.Body { get => _body ??= RequestReader.AsStream(); set => throw new NotSupportedException("The content is a pipe."); }

    PipeReader IRequestBodyPipeFeature.Reader => RequestReader;

    Stream IHttpResponseFeature.Body { get => _writer.AsStream(); set => throw new NotSupportedException("The content is a pipe."); }

    Stream IHttpResponseBodyFeature.Stream => _writer.AsStream();

    PipeWriter IHttpResponseBodyFeature.Writer => _writer;

    private PipeReader RequestReader => _reader ??= _content ?? PipeReader.Create(default(System.Buffers.ReadOnlySequence<byte>));

    public void ReadHeaders(Fields into) => Read(ResponseHeaders, into);

    public void ReadTrailers(Fields into) => Read(Trailers, into);

    public void OnStarting(Func<object, Task> callback, object state) => (_starting ??= []).Add((callback, state));

    public void OnCompleted(Func<object, Task> callback, object state)
    {
        // Only middleware registers these, and there is none here.
    }

    public void DisableBuffering()
    {
    }

    public Task SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken = default) =>
        SendFileFallback.SendFileAsync(((IHttpResponseBodyFeature)this).Stream, path, offset, count, cancellationToken);

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        if (HasStarted)
            return Task.CompletedTask;
        if (_starting is not null)
            return StartSlowAsync(_starting);
        HasStarted = true;
        _started.TrySetResult();
        return Task.CompletedTask;
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
        Fail(failure);
        (_aborted ??= CancellationTokenSource.CreateLinkedTokenSource(_cancellation)).Cancel();
    }

    /// <summary>The app is done with the request when this work is.</summary>
    public async Task FinishAsync(Task work)
    {
        try
        {
            await work.ConfigureAwait(false);
            await CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            Fail(error);
        }
        finally
        {
            _content?.Complete();
        }
    }

    /// <summary>Nobody reads the answer any more; who still writes it learns of that.</summary>
    public void Dispose() => _pipe.Reader.Complete();

    private static void Read(IHeaderDictionary headers, Fields into)
    {
        foreach ((string name, StringValues values) in headers)
        {
            foreach (string? value in values)
                into.AddReceived(name, value ?? "");
        }
    }

    private async Task StartSlowAsync(List<(Func<object, Task> Callback, object State)> starting)
    {
        foreach ((Func<object, Task> callback, object state) in starting)
            await callback(state).ConfigureAwait(false);
        HasStarted = true;
        _started.TrySetResult();
    }

    private void Fail(Exception error)
    {
        _started.TrySetException(error);
        _ = _started.Task.Exception;
        End(error);
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
