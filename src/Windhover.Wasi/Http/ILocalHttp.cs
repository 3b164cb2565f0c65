using System.Diagnostics;
using System.IO.Pipelines;

namespace Windhover.Wasi.Http;

/// <summary>
/// Answers some requests of guests within the process: these reach neither the HTTP client nor a socket. What a guest may ask for is decided before, by
/// <see cref="OutgoingHttp"/>. Thread-safe.
/// </summary>
public interface ILocalHttp
{
    /// <summary>Whether requests to this host are answered here and nowhere else.</summary>
    bool Serves(string host);

    /// <summary>Answers a request. Unless its content is still to come, this may run on the calling thread to the end: the guest's own, which would only wait for it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="ended">The guest gave it up.</param>
    /// <returns>The answer, as soon as status and fields are known; disposed of by the receiver.</returns>
    /// <exception cref="HttpRequestException">There is no answer; the guest gets the error that stands for it in WASI.</exception>
    ValueTask<IHttpAnswer> SendAsync(LocalRequest request, CancellationToken ended);
}

/// <summary>A request that is answered within the process.</summary>
/// <param name="Method">The method.</param>
/// <param name="Uri">Where to, checked against the guest's grant.</param>
/// <param name="Headers">The guest's fields.</param>
/// <param name="Content">The content; null: none. Completed by who reads it.</param>
/// <param name="ContentLength">The length of the content, if it is known.</param>
/// <param name="IsContentThere">Whether all of the content was written already.</param>
/// <param name="Caller"><see cref="WasiContext.Caller"/> of the guest.</param>
public sealed record LocalRequest(string Method, Uri Uri, Fields Headers, PipeReader? Content, long? ContentLength, bool IsContentThere, object? Caller)
{
    /// <summary>The span of the guest's own in whose name it sends the request (<see cref="WasiContext.Spans"/>), instead of what <c>traceparent</c> says; the default one: none.</summary>
    public ActivityContext Span { get; init; }
}

/// <summary>An answer to a guest's request.</summary>
public interface IHttpAnswer : IDisposable
{
    /// <summary>100 to 599.</summary>
    int Status { get; }

    /// <summary>The content.</summary>
    PipeReader Content { get; }

    /// <summary>Adds the header fields by <see cref="Fields.AddReceived"/>.</summary>
    void ReadHeaders(Fields into);

    /// <summary>Adds the trailer fields; called after <see cref="Content"/> has ended.</summary>
    void ReadTrailers(Fields into);
}
