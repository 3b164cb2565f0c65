using System.Buffers;
using System.IO.Pipelines;
using Windhover.Wasi.Bindings.Wasi.Io.Streams;

namespace Windhover.Wasi.Io;

/// <summary>
/// Reads from a <see cref="PipeReader"/> and hands out its own memory, so that the only copy is the one into the guest's linear memory.
/// </summary>
/// <remarks>
/// The bytes of a read stay valid until the next call. One result of the reader (<c>_buffer</c>) serves many reads; only when it is
/// used up is the reader advanced and asked again.
/// </remarks>
internal class PipeInputStream : InputStream
{
    private readonly PipeReader _reader;
    private readonly PendingOperation<ReadResult> _pending;
    private ReadOnlySequence<byte> _buffer;
    private SequencePosition _end;
    private bool _holdsResult;
    private bool _lastResult;
    private bool _closed;
    private IoError? _failure;

    public PipeInputStream(PipeReader reader, IGuestBlocking blocking) : base(blocking)
    {
        _reader = reader;
        _pending = new PendingOperation<ReadResult>(this);
    }

    /// <inheritdoc/>
    public sealed override bool IsReady => Fill() || _closed || _failure is not null;

    /// <summary>Whether the end was read: everything was delivered, without an error.</summary>
    internal bool ReachedEnd { get; private set; }

    /// <inheritdoc/>
    public sealed override Result<ReadOnlyMemory<byte>, StreamError> Read(ulong len)
    {
        var filled = Fill();
        if (_failure is { } failure)
        {
            _failure = null;
            _closed = true;
            return StreamErrors.Failed(failure);
        }
        if (_closed)
            return StreamErrors.Closed;
        if (!filled || len == 0)
            return ReadOnlyMemory<byte>.Empty;

        var first = _buffer.First;
        while (first.Length == 0)
        {
            _buffer = _buffer.Slice(_buffer.GetPosition(0, _buffer.Start));
            first = _buffer.First;
        }
        var bytes = first[..Math.Min(first.Length, Bound(len))];
        _buffer = _buffer.Slice(bytes.Length);
        return bytes;
    }

    /// <inheritdoc/>
    public sealed override void Arm()
    {
        if (!IsReady && !_pending.IsActive)
            StartRead();
        if (IsReady)
            SignalReady();
        else
            _pending.Hook();
    }

    /// <summary>What an exception of the reader means to the guest.</summary>
    protected virtual IoError Describe(Exception exception) => new(exception.Message);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (EndsWithHandle)
            End();
        base.Dispose(disposing);
    }

    /// <summary>Whether dropping the guest's handle ends the stream. Where it does not, somebody must call <see cref="End"/>.</summary>
    protected virtual bool EndsWithHandle => true;

    /// <summary>Reads no more.</summary>
    protected internal void End()
    {
        if (_closed)
            return;
        _closed = true;
        if (_holdsResult)
            _reader.AdvanceTo(_buffer.Start);
        else if (_pending.IsActive && !_pending.IsCompleted)
            _reader.CancelPendingRead();
        _holdsResult = false;
        _buffer = default;
    }

    /// <summary>Sees to it that unread bytes are at hand.</summary>
    /// <returns>Whether there are any.</returns>
    private bool Fill()
    {
        while (true)
        {
            if (!_buffer.IsEmpty)
                return true;
            if (_closed || _failure is not null)
                return false;
            try
            {
                if (_holdsResult)
                {
                    _holdsResult = false;
                    _reader.AdvanceTo(_end);
                }
                if (_lastResult)
                {
                    _closed = true;
                    ReachedEnd = true;
                    return false;
                }

                ReadResult result;
                if (_pending.IsActive)
                {
                    if (!_pending.IsCompleted)
                        return false;
                    result = _pending.Take();
                }
                else if (!_reader.TryRead(out result))
                {
                    return false;
                }
                _buffer = result.Buffer;
                _end = _buffer.End;
                _holdsResult = true;
                _lastResult = result.IsCompleted;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                _failure = Describe(exception);
                return false;
            }
        }
    }

    private void StartRead()
    {
        try
        {
            _pending.Start(_reader.ReadAsync(CancellationToken.None));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            _failure = Describe(exception);
        }
    }
}
