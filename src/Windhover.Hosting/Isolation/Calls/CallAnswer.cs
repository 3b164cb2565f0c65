using System.IO.Pipelines;
using System.Net.Http.Headers;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Isolation.Calls;

/// <summary>An answer that comes from the server. Its stream is reset when it is disposed of, or given up, before its end: the callee's request is aborted then.</summary>
internal sealed class CallAnswer : IHttpAnswer
{
    private readonly HttpResponseMessage _response;
    private readonly CancellationTokenRegistration _givenUp;

    public CallAnswer(HttpResponseMessage response, Stream content, CancellationToken ended)
    {
        _response = response;
        Content = PipeReader.Create(new CallStream(content), new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4096));
        _givenUp = ended.UnsafeRegister(static response => ((HttpResponseMessage)response!).Dispose(), response);
    }

    public int Status => (int)_response.StatusCode;

    public PipeReader Content { get; }

    public void ReadHeaders(Fields into)
    {
        Add(into, _response.Headers.NonValidated);
        Add(into, _response.Content.Headers.NonValidated);
    }

    public void ReadTrailers(Fields into) => Add(into, _response.TrailingHeaders.NonValidated);

    public void Dispose()
    {
        _givenUp.Unregister();
        _response.Dispose();
    }

    private static void Add(Fields fields, HttpHeadersNonValidated headers)
    {
        foreach ((string name, HeaderStringValues values) in headers)
        {
            foreach (string value in values)
                fields.AddReceived(name, value);
        }
    }

    /// <summary>Fails as an answer within the server does.</summary>
    private sealed class CallStream(Stream inner) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                throw WorkerCalls.Explain(error);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Nobody waits on a thread here.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
