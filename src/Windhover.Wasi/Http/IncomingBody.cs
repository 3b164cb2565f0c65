using System.IO.Pipelines;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Http;

/// <summary>The content of a request or response that came in: <c>wasi:http/types.incoming-body</c>.</summary>
internal sealed partial class IncomingBody : IDisposable
{
    private readonly BodyInputStream _stream;
    private readonly Func<Fields?> _readTrailers;
    private readonly IGuestBlocking _blocking;
    private readonly Action? _release;
    private bool _streamTaken;
    private bool _finished;

    /// <param name="reader">The content.</param>
    /// <param name="readTrailers">Gives the trailers once the content has ended; null without any.</param>
    /// <param name="blocking">How the guest waits.</param>
    /// <param name="release">Called once when nothing of the body is in use any more.</param>
    public IncomingBody(PipeReader reader, Func<Fields?> readTrailers, IGuestBlocking blocking, Action? release = null)
    {
        _stream = new BodyInputStream(reader, blocking);
        _readTrailers = readTrailers;
        _blocking = blocking;
        _release = release;
    }

    /// <summary>The content as a stream; once.</summary>
    public Result<InputStream, Unit> Stream()
    {
        if (_streamTaken)
            return Result.Err();
        _streamTaken = true;
        return _stream;
    }

    /// <summary>Consumes the body: what of its content is still to come is skipped, and the trailers behind it awaited.</summary>
    public FutureTrailers Finish()
    {
        _finished = true;
        return new FutureTrailers(_stream, _readTrailers, _blocking, _release);
    }

    /// <summary>The guest drops the body without asking for trailers.</summary>
    public void Dispose()
    {
        if (_finished)
            return;
        _finished = true;
        _stream.End();
        _release?.Invoke();
    }
}

/// <summary>The content as a stream. The guest may drop it and then wait for trailers, so the body decides when reading ends.</summary>
internal sealed class BodyInputStream(PipeReader reader, IGuestBlocking blocking) : PipeInputStream(reader, blocking)
{
    protected override bool EndsWithHandle => false;

    protected override IoError Describe(Exception exception) => HttpFailures.ToIoError(exception);
}
