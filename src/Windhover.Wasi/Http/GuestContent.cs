using System.IO.Pipelines;
using System.Net;

namespace Windhover.Wasi.Http;

/// <summary>The content of a guest's request, as it comes out of a pipe. What is there is sent at once; the pipe pushes back at 64 KiB.</summary>
internal sealed class GuestContent(long? declaredLength) : HttpContent, IBodySink
{
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));
    private readonly TaskCompletionSource<long?> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the guest has started its content; gives the length if it is known by then.</summary>
    public Task<long?> Started => _started.Task;

    /// <summary>The length to announce.</summary>
    public long? KnownLength { get; set; } = declaredLength;

    public PipeWriter Start(long? contentLength)
    {
        _started.TrySetResult(contentLength);
        return _pipe.Writer;
    }

    public Result<Unit, HttpError> Complete(Fields? trailers)
    {
        if (trailers is { Count: > 0 })
        {
            var error = HttpError.Internal("Trailers cannot be sent with a request.");
            Abort(error);
            return error;
        }
        _pipe.Writer.Complete();
        return Result.Ok();
    }

    public void Abort(HttpError error)
    {
        _started.TrySetResult(null);
        _pipe.Writer.Complete(new HttpGuestException(error));
    }

    protected override bool TryComputeLength(out long length)
    {
        length = KnownLength ?? 0;
        return KnownLength is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var reader = _pipe.Reader;
        Exception? failure = null;
        try
        {
            while (true)
            {
                var result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                foreach (var segment in result.Buffer)
                    await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            failure = exception;
            throw;
        }
        finally
        {
            await reader.CompleteAsync(failure).ConfigureAwait(false);
        }
    }

    protected override void Dispose(bool disposing)
    {
        // The request is over, answered or not: a guest that still writes learns that nobody reads.
        if (disposing)
            _pipe.Reader.Complete();
        base.Dispose(disposing);
    }
}
