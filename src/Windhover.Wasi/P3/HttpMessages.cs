using System.Globalization;
using Windhover.Wasi.Bindings.P3.Wasi.Http.Types;
using Windhover.Wasi.Http;
using IFields = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.IFields;
using IRequestOptions = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.IRequestOptions;

namespace Windhover.Wasi.P3;

/// <summary>What requests and responses of 0.3 have in common: header fields that cannot change, and one content.</summary>
internal abstract class HttpMessage(Fields headers, MessageBody body) : IDisposable
{
    private MessageBody? _body = body;
    private bool _isDisposed;

    /// <summary>The header fields, immutable.</summary>
    public Fields Headers { get; } = headers.Freeze();

    /// <summary>The content; once.</summary>
    public MessageBody TakeBody() => Interlocked.Exchange(ref _body, null) ?? throw new GuestMisuseException("The content of an HTTP message was consumed twice.");

    /// <summary>Completes when nobody needs a content that a guest writes any more; null for others.</summary>
    public Task? Completion => (_body as GuestBody)?.Completion;

    /// <summary>The message's own <c>content-length</c>; its syntax was checked when it was set.</summary>
    public long? DeclaredLength =>
        long.TryParse(Headers.Find("content-length"), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null;

    /// <summary>Dropped, with its content unless that was taken.</summary>
    public void Dispose()
    {
        Interlocked.Exchange(ref _body, null)?.Dispose();
        if (!Interlocked.Exchange(ref _isDisposed, true))
            Headers.Dispose();
    }
}

/// <summary><c>wasi:http/types.request</c>: made by a guest, or received.</summary>
internal sealed class HttpRequest(Fields headers, MessageBody body, RequestOptions? options) : HttpMessage(headers, body), IRequest
{
    /// <summary>The method; <c>GET</c> unless set.</summary>
    public string Method { get; set; } = "GET";

    /// <summary>Path and query.</summary>
    public string? PathWithQuery { get; set; }

    /// <summary>The scheme.</summary>
    public string? Scheme { get; set; }

    /// <summary>Host and port.</summary>
    public string? Authority { get; set; }

    /// <summary>Timeouts, immutable.</summary>
    public RequestOptions? Options { get; } = options?.Freeze();

    Method IRequest.GetMethod() => HttpWords.ToWitMethod(Method);

    Result<Unit, Unit> IRequest.SetMethod(Method method) => Set(method.FromWit(), RequestSyntax.IsMethod, value => Method = value!);

    string? IRequest.GetPathWithQuery() => PathWithQuery;

    // An empty path is the root (RFC 9110, 4.2.3).
    Result<Unit, Unit> IRequest.SetPathWithQuery(string? pathWithQuery) =>
        Set(pathWithQuery is "" ? "/" : pathWithQuery, IsPathWithQuery, value => PathWithQuery = value);

    Scheme? IRequest.GetScheme() => HttpWords.ToWitScheme(Scheme);

    Result<Unit, Unit> IRequest.SetScheme(Scheme? scheme) => Set(scheme.FromWit(), RequestSyntax.IsScheme, value => Scheme = value);

    string? IRequest.GetAuthority() => Authority;

    Result<Unit, Unit> IRequest.SetAuthority(string? authority) => Set(authority, RequestSyntax.IsAuthority, value => Authority = value);

    IRequestOptions? IRequest.GetOptions() => Options;

    IFields IRequest.GetHeaders() => Headers.Share();

    // Stricter than 0.2, where guests send what browsers do: these three stand in no URI (RFC 3986, 2).
    private static bool IsPathWithQuery(string path) => RequestSyntax.IsPathWithQuery(path) && !path.AsSpan().ContainsAny('<', '>', '`');

    private static Result<Unit, Unit> Set(string? value, Func<string, bool> isValid, Action<string?> set)
    {
        if (value is not null && !isValid(value))
            return Result.Err();
        set(value);
        return Result.Ok();
    }
}

/// <summary><c>wasi:http/types.response</c>: made by a guest, or received.</summary>
internal sealed class HttpResponse(Fields headers, MessageBody body) : HttpMessage(headers, body), IResponse
{
    /// <summary>The status; 200 unless set.</summary>
    public ushort StatusCode { get; set; } = 200;

    ushort IResponse.GetStatusCode() => StatusCode;

    Result<Unit, Unit> IResponse.SetStatusCode(ushort statusCode)
    {
        if (statusCode is < 100 or > 599)
            return Result.Err();
        StatusCode = statusCode;
        return Result.Ok();
    }

    IFields IResponse.GetHeaders() => Headers.Share();
}
