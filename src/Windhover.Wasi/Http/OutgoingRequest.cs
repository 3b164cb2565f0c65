namespace Windhover.Wasi.Http;

/// <summary>A request that the guest makes: <c>wasi:http/types.outgoing-request</c>.</summary>
internal sealed partial class OutgoingRequest(WasiContext context, Fields headers) : OutgoingMessage(context, headers, isRequest: true)
{
    /// <summary>The method; <c>GET</c> unless set.</summary>
    public string Method { get; private set; } = "GET";

    /// <summary>Path and query.</summary>
    public string? PathWithQuery { get; private set; }

    /// <summary>The scheme, as the guest wrote it.</summary>
    public string? Scheme { get; private set; }

    /// <summary>Host and port.</summary>
    public string? Authority { get; private set; }

    /// <summary>Sets the method; fails if it is not a token.</summary>
    public Result<Unit, Unit> SetMethod(string method) => Set(RequestSyntax.IsMethod(method), () => Method = method);

    /// <summary>Sets path and query; fails if a character cannot stand in one.</summary>
    public Result<Unit, Unit> SetPathWithQuery(string? path) => Set(path is null || RequestSyntax.IsPathWithQuery(path), () => PathWithQuery = path);

    /// <summary>Sets the scheme; fails if it is not one by syntax.</summary>
    public Result<Unit, Unit> SetScheme(string? scheme) => Set(scheme is null || RequestSyntax.IsScheme(scheme), () => Scheme = scheme);

    /// <summary>Sets host and port; fails if the syntax is wrong.</summary>
    public Result<Unit, Unit> SetAuthority(string? authority) =>
        Set(authority is null || RequestSyntax.IsAuthority(authority), () => Authority = authority);

    /// <summary>Sends the request (<c>wasi:http/outgoing-handler.handle</c>). Consumes the request and the options.</summary>
    /// <returns>The answer to come; an error if the request is not sent at all.</returns>
    public Result<FutureIncomingResponse, HttpError> Handle(RequestOptions? options)
    {
        using var consumed = this;
        return HttpSender.Resolve(Context, Scheme, Authority, PathWithQuery).TryGet(out var uri, out var refused)
            ? FutureIncomingResponse.Send(Context, Context.Options.OutgoingHttp!, this, uri, options)
            : refused;
    }

    private static Result<Unit, Unit> Set(bool valid, Action set)
    {
        if (!valid)
            return Result.Err();
        set();
        return Result.Ok();
    }
}
