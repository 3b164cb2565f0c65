namespace Windhover.Wasi.Http;

/// <summary>A request that the guest answers: <c>wasi:http/types.incoming-request</c>. Reads the exchange only when the guest asks.</summary>
internal sealed partial class IncomingRequest(WasiContext context, IHttpExchange exchange) : IDisposable
{
    private Fields? _headers;
    private bool _consumed;

    public string Method => exchange.Method;

    public string? PathWithQuery => exchange.PathWithQuery;

    public string? Scheme => exchange.Scheme;

    public string? Authority => exchange.Authority;

    /// <summary>The header fields, immutable.</summary>
    public Fields Headers
    {
        get
        {
            if (_headers is not null)
                return _headers;
            // The server has its own limit, and has accepted them.
            _headers = new Fields(int.MaxValue);
            exchange.ReadRequestHeaders(_headers);
            return _headers.Freeze();
        }
    }

    /// <summary>The content; once.</summary>
    public Result<IncomingBody, Unit> Consume()
    {
        if (_consumed)
            return Result.Err();
        _consumed = true;
        return new IncomingBody(exchange.RequestBody, ReadTrailers, context.Blocking);
    }

    /// <summary>Holds nothing of its own.</summary>
    public void Dispose()
    {
    }

    private Fields? ReadTrailers()
    {
        var trailers = new Fields(context.FieldBytes);
        return exchange.ReadRequestTrailers(trailers) ? trailers : null;
    }
}
