using System.Net.Sockets;
using System.Security.Authentication;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Http;

/// <summary>What exceptions of HTTP clients and servers are called in WASI.</summary>
internal static class HttpFailures
{
    public static HttpError From(Exception exception) => exception switch
    {
        HttpGuestException guest => guest.Error,
        HttpRequestException request => From(request),
        HttpIOException io => From(io.HttpRequestError, io),
        TimeoutException => new HttpError(HttpErrorKind.ConnectionReadTimeout),
        OperationCanceledException => new HttpError(HttpErrorKind.ConnectionTerminated),
        IOException { InnerException: SocketException socket } => From(socket),
        IOException => new HttpError(HttpErrorKind.ConnectionTerminated),
        _ => HttpError.Internal(exception.Message),
    };

    /// <summary>As the error of a stream, from which the guest gets the code back by <c>http-error-code</c>.</summary>
    public static IoError ToIoError(Exception exception) => ToIoError(From(exception));

    public static IoError ToIoError(HttpError error) => new($"HTTP failed: {error}.", error);

    private static HttpError From(HttpRequestException exception)
    {
        for (Exception? inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case HttpGuestException guest:
                    return guest.Error;
                case SocketException socket when exception.HttpRequestError != HttpRequestError.SecureConnectionError:
                    return From(socket);
                case AuthenticationException:
                    return new HttpError(HttpErrorKind.TlsCertificateError);
            }
        }
        return From(exception.HttpRequestError, exception);
    }

    private static HttpError From(HttpRequestError error, Exception exception) => error switch
    {
        HttpRequestError.NameResolutionError => new(HttpErrorKind.DnsError),
        HttpRequestError.ConnectionError => new(HttpErrorKind.DestinationUnavailable),
        HttpRequestError.SecureConnectionError => new(HttpErrorKind.TlsProtocolError),
        HttpRequestError.HttpProtocolError or HttpRequestError.InvalidResponse => new(HttpErrorKind.HttpProtocolError),
        HttpRequestError.ExtendedConnectNotSupported or HttpRequestError.VersionNegotiationError => new(HttpErrorKind.HttpUpgradeFailed),
        HttpRequestError.ProxyTunnelError => new(HttpErrorKind.DestinationUnavailable),
        HttpRequestError.ResponseEnded => new(HttpErrorKind.HttpResponseIncomplete),
        HttpRequestError.ConfigurationLimitExceeded => new(HttpErrorKind.HttpResponseHeaderSectionSize),
        _ => HttpError.Internal(exception.Message),
    };

    private static HttpError From(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.HostNotFound or SocketError.NoData or SocketError.NoRecovery => new(HttpErrorKind.DnsError),
        SocketError.TryAgain => new(HttpErrorKind.DnsTimeout),
        SocketError.ConnectionRefused => new(HttpErrorKind.ConnectionRefused),
        SocketError.TimedOut => new(HttpErrorKind.ConnectionTimeout),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => new(HttpErrorKind.DestinationIpUnroutable),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => new(HttpErrorKind.ConnectionTerminated),
        _ => new(HttpErrorKind.DestinationUnavailable),
    };
}

/// <summary>Carries an error code through code that only knows exceptions, such as an <see cref="HttpContent"/>.</summary>
internal sealed class HttpGuestException(HttpError error) : IOException(error.ToString())
{
    public HttpError Error => error;
}
