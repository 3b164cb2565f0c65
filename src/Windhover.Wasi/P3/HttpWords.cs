using Windhover.Wasi.Bindings.P3.Wasi.Http.Types;
using Windhover.Wasi.Http;
using WitHeaderError = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.HeaderError;

namespace Windhover.Wasi.P3;

/// <summary>The services' words in those of <c>wasi:http/types</c> of 0.3: the same as in 0.2 (P2/HttpWords.cs), in types of their own.</summary>
internal static class HttpWords
{
    public static Result<T, ErrorCode> ToWit<T>(this Result<T, HttpError> result) =>
        result.TryGet(out var value, out var error) ? Result<T, ErrorCode>.Ok(value) : Result<T, ErrorCode>.Err(error.ToWit());

    public static Result<T, WitHeaderError> ToWit<T>(this Result<T, Http.HeaderError> result) =>
        result.TryGet(out var value, out var error) ? Result<T, WitHeaderError>.Ok(value) : Result<T, WitHeaderError>.Err(error.ToWit());

    public static WitHeaderError ToWit(this Http.HeaderError error) => error switch
    {
        Http.HeaderError.InvalidSyntax => WitHeaderError.InvalidSyntax.Instance,
        Http.HeaderError.Forbidden => WitHeaderError.Forbidden.Instance,
        Http.HeaderError.SizeExceeded => WitHeaderError.SizeExceeded.Instance,
        _ => WitHeaderError.Immutable.Instance,
    };

    public static Method ToWitMethod(string method) => method switch
    {
        "GET" => Method.Get.Instance,
        "HEAD" => Method.Head.Instance,
        "POST" => Method.Post.Instance,
        "PUT" => Method.Put.Instance,
        "DELETE" => Method.Delete.Instance,
        "CONNECT" => Method.Connect.Instance,
        "OPTIONS" => Method.Options.Instance,
        "TRACE" => Method.Trace.Instance,
        "PATCH" => Method.Patch.Instance,
        _ => new Method.Other(method),
    };

    public static string FromWit(this Method method) => method switch
    {
        Method.Get => "GET",
        Method.Head => "HEAD",
        Method.Post => "POST",
        Method.Put => "PUT",
        Method.Delete => "DELETE",
        Method.Connect => "CONNECT",
        Method.Options => "OPTIONS",
        Method.Trace => "TRACE",
        Method.Patch => "PATCH",
        _ => ((Method.Other)method).Value,
    };

    public static Scheme? ToWitScheme(string? scheme) => scheme switch
    {
        null => null,
        "http" => Scheme.HTTP.Instance,
        "https" => Scheme.HTTPS.Instance,
        _ => new Scheme.Other(scheme),
    };

    public static string? FromWit(this Scheme? scheme) => scheme switch
    {
        null => null,
        Scheme.HTTP => "http",
        Scheme.HTTPS => "https",
        _ => ((Scheme.Other)scheme).Value,
    };

    public static HttpError FromWit(this ErrorCode error)
    {
        var (text, number) = error switch
        {
            ErrorCode.DNSError { Value: var dns } => (dns.Rcode, (ulong?)dns.InfoCode),
            ErrorCode.TLSAlertReceived { Value: var alert } => (alert.AlertMessage, alert.AlertId),
            ErrorCode.HTTPRequestBodySize { Value: var size } => (null, size),
            ErrorCode.HTTPRequestHeaderSectionSize { Value: var size } => (null, size),
            ErrorCode.HTTPRequestHeaderSize { Value: var field } => (field?.FieldName, field?.FieldSize),
            ErrorCode.HTTPRequestTrailerSectionSize { Value: var size } => (null, size),
            ErrorCode.HTTPRequestTrailerSize { Value: var field } => (field.FieldName, field.FieldSize),
            ErrorCode.HTTPResponseHeaderSectionSize { Value: var size } => (null, size),
            ErrorCode.HTTPResponseHeaderSize { Value: var field } => (field.FieldName, field.FieldSize),
            ErrorCode.HTTPResponseBodySize { Value: var size } => (null, size),
            ErrorCode.HTTPResponseTrailerSectionSize { Value: var size } => (null, size),
            ErrorCode.HTTPResponseTrailerSize { Value: var field } => (field.FieldName, field.FieldSize),
            ErrorCode.HTTPResponseTransferCoding { Value: var coding } => (coding, null),
            ErrorCode.HTTPResponseContentCoding { Value: var coding } => (coding, null),
            ErrorCode.InternalError { Value: var message } => (message, null),
            _ => ((string?)null, (ulong?)null),
        };
        return new HttpError((HttpErrorKind)error.Discriminant(), text, number);
    }

    public static ErrorCode ToWit(this HttpError error)
    {
        var (kind, text, number) = error;
        return kind switch
        {
            HttpErrorKind.DnsTimeout => ErrorCode.DNSTimeout.Instance,
            HttpErrorKind.DnsError => new ErrorCode.DNSError(new(text, (ushort?)number)),
            HttpErrorKind.DestinationNotFound => ErrorCode.DestinationNotFound.Instance,
            HttpErrorKind.DestinationUnavailable => ErrorCode.DestinationUnavailable.Instance,
            HttpErrorKind.DestinationIpProhibited => ErrorCode.DestinationIPProhibited.Instance,
            HttpErrorKind.DestinationIpUnroutable => ErrorCode.DestinationIPUnroutable.Instance,
            HttpErrorKind.ConnectionRefused => ErrorCode.ConnectionRefused.Instance,
            HttpErrorKind.ConnectionTerminated => ErrorCode.ConnectionTerminated.Instance,
            HttpErrorKind.ConnectionTimeout => ErrorCode.ConnectionTimeout.Instance,
            HttpErrorKind.ConnectionReadTimeout => ErrorCode.ConnectionReadTimeout.Instance,
            HttpErrorKind.ConnectionWriteTimeout => ErrorCode.ConnectionWriteTimeout.Instance,
            HttpErrorKind.ConnectionLimitReached => ErrorCode.ConnectionLimitReached.Instance,
            HttpErrorKind.TlsProtocolError => ErrorCode.TLSProtocolError.Instance,
            HttpErrorKind.TlsCertificateError => ErrorCode.TLSCertificateError.Instance,
            HttpErrorKind.TlsAlertReceived => new ErrorCode.TLSAlertReceived(new((byte?)number, text)),
            HttpErrorKind.HttpRequestDenied => ErrorCode.HTTPRequestDenied.Instance,
            HttpErrorKind.HttpRequestLengthRequired => ErrorCode.HTTPRequestLengthRequired.Instance,
            HttpErrorKind.HttpRequestBodySize => new ErrorCode.HTTPRequestBodySize(number),
            HttpErrorKind.HttpRequestMethodInvalid => ErrorCode.HTTPRequestMethodInvalid.Instance,
            HttpErrorKind.HttpRequestUriInvalid => ErrorCode.HTTPRequestURIInvalid.Instance,
            HttpErrorKind.HttpRequestUriTooLong => ErrorCode.HTTPRequestURITooLong.Instance,
            HttpErrorKind.HttpRequestHeaderSectionSize => new ErrorCode.HTTPRequestHeaderSectionSize((uint?)number),
            HttpErrorKind.HttpRequestHeaderSize => new ErrorCode.HTTPRequestHeaderSize(text is null && number is null ? null : Field(text, number)),
            HttpErrorKind.HttpRequestTrailerSectionSize => new ErrorCode.HTTPRequestTrailerSectionSize((uint?)number),
            HttpErrorKind.HttpRequestTrailerSize => new ErrorCode.HTTPRequestTrailerSize(Field(text, number)),
            HttpErrorKind.HttpResponseIncomplete => ErrorCode.HTTPResponseIncomplete.Instance,
            HttpErrorKind.HttpResponseHeaderSectionSize => new ErrorCode.HTTPResponseHeaderSectionSize((uint?)number),
            HttpErrorKind.HttpResponseHeaderSize => new ErrorCode.HTTPResponseHeaderSize(Field(text, number)),
            HttpErrorKind.HttpResponseBodySize => new ErrorCode.HTTPResponseBodySize(number),
            HttpErrorKind.HttpResponseTrailerSectionSize => new ErrorCode.HTTPResponseTrailerSectionSize((uint?)number),
            HttpErrorKind.HttpResponseTrailerSize => new ErrorCode.HTTPResponseTrailerSize(Field(text, number)),
            HttpErrorKind.HttpResponseTransferCoding => new ErrorCode.HTTPResponseTransferCoding(text),
            HttpErrorKind.HttpResponseContentCoding => new ErrorCode.HTTPResponseContentCoding(text),
            HttpErrorKind.HttpResponseTimeout => ErrorCode.HTTPResponseTimeout.Instance,
            HttpErrorKind.HttpUpgradeFailed => ErrorCode.HTTPUpgradeFailed.Instance,
            HttpErrorKind.HttpProtocolError => ErrorCode.HTTPProtocolError.Instance,
            HttpErrorKind.LoopDetected => ErrorCode.LoopDetected.Instance,
            HttpErrorKind.ConfigurationError => ErrorCode.ConfigurationError.Instance,
            _ => new ErrorCode.InternalError(text),
        };
    }

    private static FieldSizePayload Field(string? name, ulong? size) => new(name, (uint?)size);
}
