using System.IO.Pipelines;

namespace Windhover.Wasi.Http;

/// <summary>Where the guest puts its answer: <c>wasi:http/types.response-outparam</c>.</summary>
internal sealed partial class ResponseOutparam(IHttpExchange exchange) : IDisposable
{
    private bool _set;

    /// <summary>Sends an interim response.</summary>
    public Result<Unit, HttpError> SendInformational(ushort status, Fields headers)
    {
        if (status is < 100 or > 199 or 101)
            return HttpError.Internal($"{status} is not an interim status.");
        return exchange.SendInformational(status, headers) ? Result.Ok() : HttpError.Internal("The server cannot send interim responses.");
    }

    /// <summary>Answers. Consumes the outparam.</summary>
    public void Set(Result<OutgoingResponse, HttpError> response)
    {
        if (_set)
            throw new GuestMisuseException("A response-outparam was set twice.");
        _set = true;
        if (!response.TryGet(out var answer, out var error))
        {
            exchange.AbortResponse(error);
            return;
        }
        var sink = new Sink(exchange, answer);
        if (answer.Content is { } content)
        {
            content.Connect(sink);
        }
        else
        {
            sink.Start(contentLength: 0);
            sink.Complete(null);
        }
    }

    /// <summary>The guest drops it without an answer.</summary>
    public void Dispose()
    {
        if (_set)
            return;
        _set = true;
        exchange.AbortResponse(HttpError.Internal("The guest gave no response."));
    }

    private sealed class Sink(IHttpExchange exchange, OutgoingResponse response) : IBodySink
    {
        public void DeclareTrailers(Fields trailers) => exchange.DeclareTrailers(trailers);

        public PipeWriter Start(long? contentLength)
        {
            exchange.StartResponse(response.StatusCode, response.Headers, contentLength);
            response.Dispose();
            return exchange.ResponseBody;
        }

        public Result<Unit, HttpError> Complete(Fields? trailers)
        {
            exchange.CompleteResponse(trailers);
            return Result.Ok();
        }

        public void Abort(HttpError error) => exchange.AbortResponse(error);
    }
}
