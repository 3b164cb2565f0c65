using System.IO.Pipelines;
using System.Text;
using Windhover.Wasi.Http;

namespace Windhover.Wasi.Tests.Http;

/// <summary>A request whose content the test writes, and whose response the test reads; it records in which order things happen.</summary>
internal sealed class FakeExchange : IHttpExchange
{
    private readonly Pipe _request = new();
    private readonly Pipe _response = new(new PipeOptions(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 128 * 1024, useSynchronizationContext: false));

    public List<string> Log { get; } = [];

    public string Method { get; init; } = "GET";

    public string? PathWithQuery { get; init; } = "/";

    public string? Scheme => "http";

    public string? Authority => "test.example";

    public Dictionary<string, string> RequestHeaders { get; } = [];

    public Dictionary<string, string> RequestTrailers { get; } = [];

    public PipeWriter RequestWriter => _request.Writer;

    public PipeReader ResponseReader => _response.Reader;

    public PipeReader RequestBody => _request.Reader;

    public PipeWriter ResponseBody => _response.Writer;

    public void ReadRequestHeaders(Fields into)
    {
        foreach (var (name, value) in RequestHeaders)
            into.AddReceived(name, value);
    }

    public bool ReadRequestTrailers(Fields into)
    {
        foreach (var (name, value) in RequestTrailers)
            into.AddReceived(name, value);
        return RequestTrailers.Count > 0;
    }

    public bool SendInformational(int status, Fields headers)
    {
        Log.Add($"informational {status}");
        return true;
    }

    public Fields? ResponseHeaders { get; private set; }

    public void StartResponse(int status, Fields headers, long? contentLength)
    {
        ResponseHeaders = headers;
        Log.Add($"start {status} length {contentLength?.ToString() ?? "unknown"}");
    }

    public void CompleteResponse(Fields? trailers)
    {
        Log.Add(trailers is null ? "complete" : $"complete with {trailers.Count} trailers");
        _response.Writer.Complete();
    }

    public void AbortResponse(HttpError error)
    {
        Log.Add($"abort {error.Kind}");
        _response.Writer.Complete(new IOException("aborted"));
    }

    /// <summary>What the response has so far.</summary>
    public string ReadResponse()
    {
        if (!_response.Reader.TryRead(out var read))
            return "";
        var text = Encoding.UTF8.GetString(read.Buffer);
        _response.Reader.AdvanceTo(read.Buffer.End);
        return text;
    }
}
