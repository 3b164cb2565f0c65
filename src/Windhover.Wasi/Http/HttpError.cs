namespace Windhover.Wasi.Http;

/// <summary>The cases of <c>wasi:http/types.error-code</c>, in its order.</summary>
public enum HttpErrorKind
{
    DnsTimeout,
    DnsError,
    DestinationNotFound,
    DestinationUnavailable,
    DestinationIpProhibited,
    DestinationIpUnroutable,
    ConnectionRefused,
    ConnectionTerminated,
    ConnectionTimeout,
    ConnectionReadTimeout,
    ConnectionWriteTimeout,
    ConnectionLimitReached,
    TlsProtocolError,
    TlsCertificateError,
    TlsAlertReceived,
    HttpRequestDenied,
    HttpRequestLengthRequired,
    HttpRequestBodySize,
    HttpRequestMethodInvalid,
    HttpRequestUriInvalid,
    HttpRequestUriTooLong,
    HttpRequestHeaderSectionSize,
    HttpRequestHeaderSize,
    HttpRequestTrailerSectionSize,
    HttpRequestTrailerSize,
    HttpResponseIncomplete,
    HttpResponseHeaderSectionSize,
    HttpResponseHeaderSize,
    HttpResponseBodySize,
    HttpResponseTrailerSectionSize,
    HttpResponseTrailerSize,
    HttpResponseTransferCoding,
    HttpResponseContentCoding,
    HttpResponseTimeout,
    HttpUpgradeFailed,
    HttpProtocolError,
    LoopDetected,
    ConfigurationError,
    InternalError,
}

/// <summary><c>wasi:http/types.error-code</c>.</summary>
/// <param name="Kind">The case.</param>
/// <param name="Text">The case's text, where it has one: the DNS response code, the TLS alert, the name of a field, a coding, or what went wrong inside.</param>
/// <param name="Number">The case's number, where it has one: the DNS info code, the TLS alert's number, or a size in bytes.</param>
public sealed record HttpError(HttpErrorKind Kind, string? Text = null, ulong? Number = null)
{
    internal static HttpError Terminated { get; } = new(HttpErrorKind.ConnectionTerminated);

    /// <summary>Something that fits no other case.</summary>
    public static HttpError Internal(string text) => new(HttpErrorKind.InternalError, text);

    /// <inheritdoc/>
    public override string ToString() => Text is null && Number is null ? Kind.ToString() : $"{Kind} ({Text ?? Number.ToString()})";
}

/// <summary><c>wasi:http/types.header-error</c>, in its order.</summary>
internal enum HeaderError
{
    InvalidSyntax,
    Forbidden,
    Immutable,

    /// <summary>Only 0.3 has it; in 0.2 it is a trap.</summary>
    SizeExceeded,
}
