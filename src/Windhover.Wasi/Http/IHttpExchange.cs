using System.IO.Pipelines;

namespace Windhover.Wasi.Http;

/// <summary>
/// One request that a guest answers, as the HTTP server has it. The server's side of <c>wasi:http/incoming-handler</c>: it is all that this library knows of servers.
/// Called from the guest's thread, never from two at a time.
/// </summary>
public interface IHttpExchange
{
    /// <summary>The method, for example <c>GET</c>.</summary>
    string Method { get; }

    /// <summary>Path and query as they stood in the request, still encoded; null when there was none.</summary>
    string? PathWithQuery { get; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    string? Scheme { get; }

    /// <summary>Host and port to which the request was addressed.</summary>
    string? Authority { get; }

    /// <summary>The content of the request.</summary>
    PipeReader RequestBody { get; }

    /// <summary>The content of the response. Used only after <see cref="StartResponse"/>.</summary>
    PipeWriter ResponseBody { get; }

    /// <summary>Adds the header fields of the request by <see cref="Fields.AddReceived"/>.</summary>
    void ReadRequestHeaders(Fields into);

    /// <summary>Adds the trailer fields of the request; called after <see cref="RequestBody"/> has ended.</summary>
    /// <returns>Whether there were any.</returns>
    bool ReadRequestTrailers(Fields into);

    /// <summary>Sends an interim response (1xx).</summary>
    /// <returns>Whether the server can.</returns>
    bool SendInformational(int status, Fields headers);

    /// <summary>
    /// Says which trailers there will be, where that is known before the response starts: the content was short and is complete. A guest may have declared
    /// others itself, by the header field <c>trailer</c>. Called at most once, before <see cref="StartResponse"/>; may be ignored.
    /// </summary>
    void DeclareTrailers(Fields trailers)
    {
    }

    /// <summary>Sets status and header fields. Called once, before the first byte of content; they may be sent together with it.</summary>
    /// <param name="status">100 to 599.</param>
    /// <param name="headers">The guest's fields, without those of the connection.</param>
    /// <param name="contentLength">The length of the whole content, where it is known.</param>
    void StartResponse(int status, Fields headers, long? contentLength);

    /// <summary>The response is complete: all its content was written to <see cref="ResponseBody"/> (and is to be flushed).</summary>
    /// <param name="trailers">The trailer fields, or null.</param>
    void CompleteResponse(Fields? trailers);

    /// <summary>There will be no (further) response: answer with an error if none was started, else break the connection off.</summary>
    void AbortResponse(HttpError error);
}
