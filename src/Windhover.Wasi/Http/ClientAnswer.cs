using System.IO.Pipelines;
using System.Net.Http.Headers;

namespace Windhover.Wasi.Http;

/// <summary>An answer that came through the HTTP client.</summary>
internal sealed class ClientAnswer(HttpResponseMessage response, Stream content) : IHttpAnswer
{
    private PipeReader? _reader;

    public int Status => (int)response.StatusCode;

    public PipeReader Content => _reader ??= PipeReader.Create(content, new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4096));

    public void ReadHeaders(Fields into)
    {
        Add(into, response.Headers.NonValidated);
        Add(into, response.Content.Headers.NonValidated);
    }

    public void ReadTrailers(Fields into) => Add(into, response.TrailingHeaders.NonValidated);

    public void Dispose() => response.Dispose();

    private static void Add(Fields fields, HttpHeadersNonValidated headers)
    {
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
                fields.AddReceived(name, value);
        }
    }
}
