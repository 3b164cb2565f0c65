using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Isolation.Calls;

/// <summary>The worker's side of <see cref="CallServer"/>: sends guests' calls to the server, and tells for which of its requests.</summary>
internal sealed class WorkerCalls(CallsOffer offer) : ILocalHttp, IDisposable
{
    // The callee has a budget for its fields, and the guest's own set is charged to the guest.
    private const int MostFieldBytes = 16 << 20;

    private static readonly UriCreationOptions s_asItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpMessageInvoker _client = Hop.CreateClient(offer.Socket, MostFieldBytes);

    public bool Serves(string host) => host.EndsWith(offer.Domain, StringComparison.OrdinalIgnoreCase);

    public async ValueTask<IHttpAnswer> SendAsync(LocalRequest request, CancellationToken ended)
    {
        HttpRequestMessage message = CreateMessage(request);
        HttpResponseMessage? response = null;
        try
        {
            response = await _client.SendAsync(message, ended).ConfigureAwait(false);
            if (HopHeaders.ReadFailure(response, offer.Key) is { } failure)
                throw Explain(failure);
            Stream content = await response.Content.ReadAsStreamAsync(ended).ConfigureAwait(false);
            return new CallAnswer(response, content, ended);
        }
        catch (Exception error)
        {
            response?.Dispose();
            message.Dispose();
            request.Content?.Complete();
            throw ended.IsCancellationRequested ? new OperationCanceledException(ended) : Explain(error);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>As <see cref="ILocalHttp.SendAsync"/> would have failed within the server.</summary>
    internal static Exception Explain(Exception error) =>
        error is HttpIOException or ObjectDisposedException || IsReset(error) ? new IOException("The app broke its answer off.", error) : error;

    private static HttpRequestException Explain(CallFailure failure) => failure == CallFailure.NoSuchHost
        ? new HttpRequestException(HttpRequestError.NameResolutionError, "There is no such app.", new SocketException((int)SocketError.HostNotFound))
        : new HttpRequestException(HttpRequestError.ConnectionError, "The app cannot be called.");

    private static bool IsReset(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is HttpProtocolException)
                return true;
        }

        return false;
    }

    private HttpRequestMessage CreateMessage(LocalRequest request)
    {
        CallContent? content = request.Content is { } reader ? new CallContent(reader, request.ContentLength) : null;
        var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri("http://server" + request.Uri.PathAndQuery, s_asItIs))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        for (int i = 0; i < request.Headers.Count; i++)
        {
            (string name, string value) = request.Headers[i];
            if (!message.Headers.TryAddWithoutValidation(name, value) && !name.Equals("content-length", StringComparison.OrdinalIgnoreCase))
            {
                // Fields such as content-type stand with the content in .NET.
                message.Content ??= new CallContent(null, null);
                message.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        message.Headers.Host = request.Uri.Authority;
        HopHeaders.Set(message, offer.Key, request.Uri.Scheme, (request.Caller as HttpContext)?.Features.Get<ForwardedRequest>()?.Number);
        return message;
    }
}

/// <summary>Under which number the server forwarded a request to this worker.</summary>
internal sealed record ForwardedRequest(long Number);
