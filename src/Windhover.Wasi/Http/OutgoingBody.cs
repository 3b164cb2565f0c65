using System.IO.Pipelines;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Http;

/// <summary>Where an outgoing content goes once the message it belongs to is on its way.</summary>
internal interface IBodySink
{
    /// <summary>Which trailers there will be, where they are known before <see cref="Start"/>.</summary>
    void DeclareTrailers(Fields trailers)
    {
    }

    /// <summary>Starts the message. Called once, before any content.</summary>
    /// <param name="contentLength">The length of the whole content if it is known already.</param>
    /// <returns>Where the content is to be written.</returns>
    PipeWriter Start(long? contentLength);

    /// <summary>All content was written.</summary>
    Result<Unit, HttpError> Complete(Fields? trailers);

    /// <summary>The content will not be completed.</summary>
    void Abort(HttpError error);
}

/// <summary>The content of a request or response that goes out: <c>wasi:http/types.outgoing-body</c>.</summary>
internal sealed partial class OutgoingBody : IDisposable
{
    private readonly BodyOutputStream _stream;
    private bool _streamTaken;
    private bool _finished;

    /// <param name="context">The guest's store.</param>
    /// <param name="declaredLength">The guest's own <c>content-length</c>, which the content must then have.</param>
    /// <param name="isRequest">For the error if it has not.</param>
    public OutgoingBody(WasiContext context, long? declaredLength, bool isRequest) =>
        _stream = new BodyOutputStream(context, declaredLength, isRequest ? HttpErrorKind.HttpRequestBodySize : HttpErrorKind.HttpResponseBodySize);

    /// <summary>The message is on its way: what was written, and what will be, goes to <paramref name="sink"/>.</summary>
    public void Connect(IBodySink sink) => _stream.Connect(sink);

    /// <summary>The content as a stream; once.</summary>
    public Result<OutputStream, Unit> Write()
    {
        if (_streamTaken)
            return Result.Err();
        _streamTaken = true;
        return _stream;
    }

    /// <summary>Completes the content, with or without trailers. Consumes the body.</summary>
    public Result<Unit, HttpError> Finish(Fields? trailers)
    {
        _finished = true;
        return _stream.Finish(trailers);
    }

    /// <summary>The guest drops the body unfinished: the peer must not take what it got for the whole.</summary>
    public void Dispose()
    {
        if (_finished)
            return;
        _finished = true;
        _stream.Abort(HttpError.Internal("The guest dropped the body without finishing it."));
    }
}
