using System.IO.Pipelines;
using System.Net.Http.Headers;

namespace Windhover.Wasi.Http;

/// <summary>An answer to the guest's request: <c>wasi:http/types.incoming-response</c>.</summary>
internal sealed partial class IncomingResponse : IDisposable
{
    private readonly WasiContext _context;
    private readonly HttpResponseMessage _response;
    private readonly Stream _content;
    private readonly TimeSpan? _readTimeout;
    private readonly Action _release;
    private Fields? _headers;
    private bool _consumed;
    private bool _released;

    public IncomingResponse(WasiContext context, HttpResponseMessage response, Stream content, TimeSpan? readTimeout, Action release)
    {
        _context = context;
        _response = response;
        _content = content;
        _readTimeout = readTimeout;
        _release = release;
    }

    public ushort Status => (ushort)_response.StatusCode;

    /// <summary>The header fields, immutable.</summary>
    public Fields Headers
    {
        get
        {
            if (_headers is not null)
                return _headers;
            _headers = new Fields(int.MaxValue); // the client has its own limit
            Add(_headers, _response.Headers.NonValidated);
            Add(_headers, _response.Content.Headers.NonValidated);
            return _headers.Freeze();
        }
    }

    /// <summary>The content; once.</summary>
    public Result<IncomingBody, Unit> Consume()
    {
        if (_consumed)
            return Result.Err();
        var (reader, readTrailers, release) = TakeContent();
        return new IncomingBody(reader, readTrailers, _context.Blocking, release);
    }

    /// <summary>The content, how to read the trailers behind it, and what to call when neither is in use any more.</summary>
    public (PipeReader Reader, Func<Fields?> ReadTrailers, Action Release) TakeContent()
    {
        _consumed = true;
        var stream = _readTimeout is { } timeout ? new TimedReadStream(_content, timeout, _context.Options.Time) : _content;
        return (PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 16 * 1024, minimumReadSize: 4096)), ReadTrailers, Release);
    }

    /// <summary>The guest drops the answer; a content that it took goes on.</summary>
    public void Dispose()
    {
        if (!_consumed)
            Release();
    }

    private static void Add(Fields fields, HttpHeadersNonValidated headers)
    {
        foreach (var (name, values) in headers)
        {
            foreach (var value in values)
                fields.AddReceived(name, value);
        }
    }

    private Fields? ReadTrailers()
    {
        var trailers = new Fields(_context.FieldBytes);
        Add(trailers, _response.TrailingHeaders.NonValidated);
        return trailers.Count > 0 ? trailers : null;
    }

    private void Release()
    {
        if (_released)
            return;
        _released = true;
        _response.Dispose();
        _release();
    }
}
