using System.IO.Pipelines;
using Windhover.Engine;

namespace Windhover.Wasi.Http;

/// <summary>An answer to the guest's request: <c>wasi:http/types.incoming-response</c>.</summary>
internal sealed partial class IncomingResponse : IDisposable
{
    private readonly WasiContext _context;
    private readonly IHttpAnswer _answer;
    private readonly TimeSpan? _readTimeout;
    private readonly Action _release;
    private const int BufferSize = 16 * 1024;

    private Fields? _headers;
    private int _charged;
    private bool _consumed;
    private bool _released;

    public IncomingResponse(WasiContext context, IHttpAnswer answer, TimeSpan? readTimeout, Action release)
    {
        _context = context;
        _answer = answer;
        _readTimeout = readTimeout;
        _release = release;
    }

    public ushort Status => (ushort)_answer.Status;

    /// <summary>The header fields, immutable.</summary>
    public Fields Headers
    {
        get
        {
            if (_headers is not null)
                return _headers;
            _headers = new Fields(int.MaxValue); // the client has its own limit
            _answer.ReadHeaders(_headers);
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
    /// <exception cref="BudgetExceededException">The app has no room for its buffer.</exception>
    public (PipeReader Reader, Func<Fields?> ReadTrailers, Action Release) TakeContent()
    {
        _context.Usage.Hold(BufferSize);
        _charged = BufferSize;
        _consumed = true;
        var reader = _readTimeout is { } timeout ? PipeReader.Create(new TimedReadStream(_answer.Content.AsStream(), timeout, _context.Options.Time)) : _answer.Content;
        return (reader, ReadTrailers, Release);
    }

    /// <summary>The guest drops the answer; a content that it took goes on.</summary>
    public void Dispose()
    {
        if (!_consumed)
            Release();
    }

    private Fields? ReadTrailers()
    {
        var trailers = new Fields(_context.FieldBytes);
        _answer.ReadTrailers(trailers);
        return trailers.Count > 0 ? trailers : null;
    }

    private void Release()
    {
        if (_released)
            return;
        _released = true;
        _answer.Dispose();
        _context.Usage.Unhold(_charged);
        _release();
    }
}
