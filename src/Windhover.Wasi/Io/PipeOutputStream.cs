using System.Buffers;
using System.IO.Pipelines;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Wasi.Io;

/// <summary>
/// Writes into a <see cref="PipeWriter"/>: bytes go straight from the guest's linear memory into the writer's.
/// </summary>
/// <remarks>
/// Backpressure: every 64 KiB, and on each flush, the writer is flushed; while that is under way the permit is 0. What a stream can hold
/// is therefore 64 KiB beyond what the writer itself buffers, however much the guest sends.
/// </remarks>
internal class PipeOutputStream : OutputStream
{
    /// <summary>How many bytes are taken between two flushes of the writer.</summary>
    internal const int Step = 64 * 1024;

    private readonly PendingOperation<FlushResult> _flush;
    private PipeWriter? _writer;
    private int _unflushed;
    private bool _closed;
    private IoError? _failure;

    public PipeOutputStream(PipeWriter? writer, IGuestBlocking blocking) : base(blocking)
    {
        _writer = writer;
        _flush = new PendingOperation<FlushResult>(this);
    }

    /// <inheritdoc/>
    public sealed override bool IsReady => Settle() && !IsHeldBack;

    /// <summary>Where bytes go; absent only while a derived class still holds them back.</summary>
    protected PipeWriter? Writer
    {
        get => _writer;
        set => _writer = value;
    }

    /// <summary>Whether the stream takes no more bytes.</summary>
    protected bool IsClosed => _closed;

    /// <summary>Whether no bytes can be taken for a reason of the derived class, which then signals the change.</summary>
    protected virtual bool IsHeldBack => false;

    /// <summary>How many bytes may be taken; a derived class may know a smaller number.</summary>
    protected virtual ulong RemainingPermit => (ulong)(Step - _unflushed);

    /// <inheritdoc/>
    protected sealed override Result<ulong, StreamError> PermitWrite()
    {
        if (!IsReady)
            return 0UL;
        return Refused() is { } refused ? refused : RemainingPermit;
    }

    /// <inheritdoc/>
    protected override Result<Unit, StreamError> WriteBytes(ReadOnlySpan<byte> contents)
    {
        if (Refused() is { } refused)
            return refused;
        try
        {
            _writer!.Write(contents);
            _unflushed += contents.Length;
            if (_unflushed >= Step)
                StartFlush();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(Describe(exception));
        }
        return Result.Ok();
    }

    /// <inheritdoc/>
    protected override Result<Unit, StreamError> FlushBytes()
    {
        if (Settle())
        {
            if (Refused() is { } refused)
                return refused;
            StartFlush();
        }
        return Result.Ok();
    }

    /// <inheritdoc/>
    public sealed override void Arm() => _flush.Hook();

    /// <summary>What an exception of the writer means to the guest.</summary>
    protected virtual IoError Describe(Exception exception) => new(exception.Message);

    /// <summary>The other side reads no more.</summary>
    protected virtual void OnReaderGone() => Close();

    /// <summary>Takes no more bytes.</summary>
    protected void Close() => _closed = true;

    /// <summary>Reports a failure to the guest's next call.</summary>
    protected void Fail(IoError failure)
    {
        if (!_closed)
            _failure ??= failure;
    }

    /// <summary>Starts to pass on what the writer holds.</summary>
    protected void StartFlush()
    {
        _unflushed = 0;
        if (_flush.IsActive || _writer is null)
            return;
        try
        {
            _flush.Start(_writer.FlushAsync(CancellationToken.None));
            Settle();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(Describe(exception));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _closed = true;
        base.Dispose(disposing);
    }

    /// <summary>Takes the outcome of a finished flush.</summary>
    /// <returns>Whether no flush is under way any more.</returns>
    protected bool Settle()
    {
        if (!_flush.IsActive)
            return true;
        if (!_flush.IsCompleted)
            return false;
        try
        {
            if (_flush.Take().IsCompleted)
                OnReaderGone();
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Fail(Describe(exception));
        }
        return true;
    }

    /// <summary>Why the stream takes nothing; a failure is reported once.</summary>
    protected StreamError? Refused()
    {
        if (_failure is { } failure)
        {
            _failure = null;
            _closed = true;
            return StreamErrors.Failed(failure);
        }
        return _closed ? StreamErrors.Closed : null;
    }
}
