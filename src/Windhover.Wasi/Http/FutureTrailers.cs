using Windhover.Wasi.Io;

namespace Windhover.Wasi.Http;

/// <summary>
/// The trailers behind a content: <c>wasi:http/types.future-trailers</c>. They are there once all of the content was read, so waiting for them reads and
/// drops the rest; a guest that never asks pays nothing.
/// </summary>
internal sealed partial class FutureTrailers : ReadinessSource, IDisposable
{
    private readonly BodyInputStream _content;
    private readonly Func<Fields?> _readTrailers;
    private readonly IGuestBlocking _blocking;
    private readonly Relay _relay;
    private Action? _release;
    private bool _done;
    private bool _taken;
    private Result<Fields?, HttpError> _outcome;

    public FutureTrailers(BodyInputStream content, Func<Fields?> readTrailers, IGuestBlocking blocking, Action? release)
    {
        _content = content;
        _readTrailers = readTrailers;
        _blocking = blocking;
        _release = release;
        _relay = new Relay(content, this);
    }

    public override bool IsReady => _done || Drain();

    /// <summary>The trailers.</summary>
    /// <returns>Null until they are there; then once the outcome (without trailers: null); after that, an error.</returns>
    public Result<Result<Fields?, HttpError>, Unit>? Get()
    {
        if (!IsReady)
            return null;
        if (_taken)
            return Result.Err();
        _taken = true;
        return _outcome;
    }

    /// <summary>A pollable that is ready when <see cref="Get"/> gives the outcome.</summary>
    public Pollable Subscribe() => new(this, _blocking);

    public override void Arm() => _relay.Arm();

    public void Dispose()
    {
        _relay.Stop();
        _content.End();
        Release();
    }

    private bool Drain()
    {
        while (true)
        {
            var read = _content.Read(ulong.MaxValue);
            if (read.IsOk)
            {
                if (read.Value.Length == 0)
                    return false;
                continue;
            }
            _done = true;
            _outcome = read.Error.GetFailure() switch
            {
                null => _readTrailers()?.Freeze(),
                { Code: HttpError error } => error,
                { } failure => HttpError.Internal(failure.ToDebugString()),
            };
            Release();
            return true;
        }
    }

    private void Release()
    {
        _release?.Invoke();
        _release = null;
    }
}
