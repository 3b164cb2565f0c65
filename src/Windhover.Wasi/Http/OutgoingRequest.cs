using System.Net;
using Windhover.Engine;

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
        var http = Context.Options.OutgoingHttp;
        if (http is null)
            return new HttpError(HttpErrorKind.HttpRequestDenied);
        var scheme = (Scheme ?? "https").ToLowerInvariant();
        if (scheme is not ("http" or "https"))
            return new HttpError(HttpErrorKind.HttpProtocolError);
        if (Authority is null || !RequestSyntax.TrySplitAuthority(Authority, out var host, out var port) || Authority.Contains('@'))
            return new HttpError(HttpErrorKind.HttpRequestUriInvalid);
        if (!http.Allows(scheme, host, port ?? (scheme == "https" ? 443 : 80)))
            return new HttpError(HttpErrorKind.HttpRequestDenied);
        var path = PathWithQuery is null or "" ? "/" : PathWithQuery;
        if (!path.StartsWith('/'))
            path = path.StartsWith('?') ? "/" + path : path;
        if (!path.StartsWith('/')
            || !Uri.TryCreate($"{scheme}://{Authority}{path}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }, out var uri))
            return new HttpError(HttpErrorKind.HttpRequestUriInvalid);
        // What the rules saw must be where the request goes, however the host was written; and an address that no rule grants is refused at once.
        var target = uri.IdnHost;
        if (!http.Allows(scheme, target, uri.Port))
            return new HttpError(HttpErrorKind.HttpRequestDenied);
        if (IPAddress.TryParse(target, out var address) && !http.AllowsAddress(scheme, target, address, uri.Port))
            return new HttpError(HttpErrorKind.DestinationIpProhibited);
        if (!Context.Usage.TryOpen(BudgetKind.OutboundRequests))
            return new HttpError(HttpErrorKind.ConnectionLimitReached);

        return FutureIncomingResponse.Send(Context, http, this, uri, options);
    }

    private static Result<Unit, Unit> Set(bool valid, Action set)
    {
        if (!valid)
            return Result.Err();
        set();
        return Result.Ok();
    }
}
