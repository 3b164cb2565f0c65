using System.Buffers;
using Windhover.Engine;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.Http;

/// <summary>
/// An outgoing content as a stream. Holds a small content back, so that the message can start with its length known and leave in one piece.
/// </summary>
/// <remarks>
/// <code>
///   Held       up to 16 KiB in a rented buffer
///     │ finish                → start(length), write, complete             the usual short answer: one send, no chunks
///     │ more than 16 KiB      → start(no length), write ──→ Started
///     │ flush, guest waits    → start(no length), write ──→ Started
///   Started    straight into the sink's PipeWriter, flushed each 64 KiB and on each flush
/// </code>
/// Of host memory, 16 KiB are charged while held, and <see cref="Window"/> once the message has started without being complete.
/// Guests flush after each write whether they mean it or not (<c>blocking-write-and-flush</c> is the one call that many of them know). So a flush while
/// content is held is put off until the guest waits for something: by then it has shown that the rest will not come at once.
/// Before the message is on its way (<see cref="Connect"/>) there is no sink; more than is held then has to wait.
/// </remarks>
internal sealed class BodyOutputStream(WasiContext context, long? declaredLength, HttpErrorKind sizeError)
    : PipeOutputStream(null, context.Blocking), IDeferredWork
{
    private const int MaxHeld = 16 * 1024;

    // What a started message keeps of the host at most: the step between two flushes, and as much in the server's own buffer behind it (Kestrel's default) or
    // in the pipe of a request.
    private const int Window = Step + (64 * 1024);

    private int _charged;
    private IBodySink? _sink;
    private byte[]? _held;
    private int _heldLength;
    private long _total;
    private bool _finished;
    private bool _overrun; // of the budget
    private Fields? _trailers;
    private HttpError? _aborted;

    protected override bool IsHeldBack => _sink is null && _heldLength == MaxHeld && !IsClosed;

    protected override ulong RemainingPermit => _sink is null ? (ulong)(MaxHeld - _heldLength) : base.RemainingPermit;

    /// <summary>The message is on its way.</summary>
    public void Connect(IBodySink sink)
    {
        _sink = sink;
        if (_aborted is { } error)
            sink.Abort(error);
        else if (_finished)
            Send();
        else
            context.Defer(this); // the header fields go out when the guest first waits, if nothing has sent them by then
        SignalReady();
    }

    /// <summary>The content is complete.</summary>
    public Result<Unit, HttpError> Finish(Fields? trailers)
    {
        if (_overrun)
        {
            var error = new HttpError(sizeError, Number: (ulong)context.Options.Budget.ResponseBody);
            Abort(error);
            return error;
        }
        if (declaredLength is { } declared && declared != _total)
        {
            var error = new HttpError(sizeError, Number: (ulong)_total);
            Abort(error);
            return error;
        }
        Close();
        _finished = true;
        _trailers = trailers;
        return _sink is null ? Result.Ok() : Send();
    }

    /// <summary>The content will never be complete.</summary>
    public void Abort(HttpError error)
    {
        Close();
        _finished = true;
        _aborted = error;
        ReturnHeld();
        Unhold();
        _sink?.Abort(error);
    }

    /// <summary>The guest waits: a flush that was put off is due.</summary>
    public void RunNow()
    {
        if (_finished || _overrun)
            return;
        if (Writer is null)
        {
            if (!context.Usage.TryHold(Window - _charged))
            {
                Fail(new IoError(context.Usage.HostMemoryIsFull));
                return;
            }

            _charged = Window;
            Start(declaredLength);
        }

        StartFlush();
    }

    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
    {
        if (declaredLength is { } declared && contents.Length > declared - _total)
            Fail(HttpFailures.ToIoError(new HttpError(sizeError, Number: (ulong)(_total + contents.Length))));
        if (contents.Length > context.Options.Budget.ResponseBody - _total && !_overrun)
        {
            _overrun = true;
            context.Usage.Reject(BudgetKind.ResponseBody);
            Fail(HttpFailures.ToIoError(new HttpError(sizeError, Number: (ulong)context.Options.Budget.ResponseBody)));
        }
        if (Refused() is { } refused)
            return refused;

        _total += contents.Length;
        context.Usage.AddOutput(contents.Length);
        if (Writer is null && contents.Length <= MaxHeld - _heldLength)
        {
            if (_held is null)
            {
                context.Usage.Hold(MaxHeld);
                _charged = MaxHeld;
                _held = ArrayPool<byte>.Shared.Rent(MaxHeld);
            }

            contents.CopyTo(_held.AsSpan(_heldLength));
            _heldLength += contents.Length;
            return Result.Ok();
        }
        if (Writer is null)
        {
            context.Usage.Hold(Window - _charged);
            _charged = Window;
            Start(declaredLength);
        }

        context.Defer(this); // what lies in the writer goes out when the guest waits: the peer may be what it waits for
        return base.WriteBytes(contents);
    }

    protected override Result<Unit, StreamError> FlushBytes()
    {
        if (Writer is not null)
            return base.FlushBytes();
        if (Refused() is { } refused)
            return refused;
        if (_sink is not null)
            context.Defer(this);
        return Result.Ok();
    }

    protected override IoError Describe(Exception exception) => HttpFailures.ToIoError(exception);

    private Result<Unit, HttpError> Send()
    {
        if (Writer is null)
        {
            if (_trailers is not null)
                _sink!.DeclareTrailers(_trailers);
            Start(_trailers is null ? _total : declaredLength);
        }

        var completed = _sink!.Complete(_trailers);
        Unhold();
        return completed;
    }

    private void Unhold()
    {
        context.Usage.Unhold(_charged);
        _charged = 0;
    }

    private void Start(long? length)
    {
        var writer = Writer = _sink!.Start(length);
        try
        {
            if (_heldLength > 0)
                writer.Write(_held.AsSpan(0, _heldLength));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(Describe(exception)); // the peer has gone
        }
        ReturnHeld();
    }

    private void ReturnHeld()
    {
        if (_held is { } held)
            ArrayPool<byte>.Shared.Return(held);
        _held = null;
        _heldLength = 0;
    }
}
