using System.Buffers;
using System.IO.Pipelines;
using Windhover.Components.Async;
using Windhover.Engine;
using Windhover.Wasi.Http;
using ErrorCode = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.ErrorCode;
using IFields = Windhover.Wasi.Bindings.P3.Wasi.Http.Types.IFields;

namespace Windhover.Wasi.P3;

// The content of a request or response with its trailers, from whichever side it comes:
//
//   made by          consumed by a guest                              consumed by the host
//   a guest          its stream and future are handed on, untouched   copied from the guest's memory into a pipe's; then `sent` is resolved
//   the host         pumped from a pipe into the guest's memory       copied from pipe to pipe

/// <summary>A content that is consumed once.</summary>
internal abstract class MessageBody : IDisposable
{
    /// <summary>Gives the content to a guest.</summary>
    /// <param name="outcome">What the guest makes of it.</param>
    public abstract (HostStream Stream, HostFuture<Result<IFields?, ErrorCode>> Trailers) Consume(GuestFuture<Result<Unit, ErrorCode>> outcome);

    /// <summary>Whether there is a content at all; asked before it is consumed.</summary>
    public abstract bool HasContents { get; }

    /// <summary>Copies the content into <paramref name="writer"/>, flushed whenever nothing more is at hand.</summary>
    /// <param name="writer">Not completed.</param>
    /// <param name="declaredLength">The message's own content-length, which the content must then have.</param>
    /// <param name="sizeError">What it is called when it has not.</param>
    /// <param name="cancellation">Ends the copy.</param>
    /// <returns>The trailers, or why the content is not complete.</returns>
    public abstract ValueTask<Result<Fields?, HttpError>> CopyToAsync(
        PipeWriter writer, long? declaredLength, HttpErrorKind sizeError, CancellationToken cancellation);

    /// <summary>The message was sent, or not.</summary>
    public abstract void SetSent(HttpError? error);

    /// <summary>Nobody consumes it.</summary>
    public abstract void Dispose();
}

/// <summary>A content that a guest writes.</summary>
internal sealed class GuestBody(WasiContext context, GuestStreamReader? contents, GuestFuture<Result<IFields?, ErrorCode>> trailers) : MessageBody
{
    private const int MaxHeld = 16 * 1024;
    private const int MaxUnflushed = 64 * 1024;

    // Of host memory: 16 KiB while held; then what is written between two flushes, and as much in the server's own buffer or the pipe behind it.
    private const int Window = MaxUnflushed + (64 * 1024);

    private readonly HostFutureSource<Result<Unit, ErrorCode>> _sent = new();
    private TaskCompletionSource? _completion;
    private byte[]? _held;
    private int _heldLength;
    private int _charged;
    private bool _ended;
    private volatile bool _isSent;

    public override bool HasContents => contents is not null;

    /// <summary>How long the content is, where that is known before it is sent.</summary>
    public long? KnownLength => contents is null ? 0 : _ended ? _heldLength : null;

    /// <summary>Takes what the guest has written already, up to 16 KiB, so that a short answer leaves in one piece with its length. Does not wait.</summary>
    public async ValueTask PrefetchAsync(CancellationToken cancellation)
    {
        while (contents is { IsReadable: true } && !_ended && _heldLength < MaxHeld)
        {
            if (_held is null && !TryHold(MaxHeld))
                return; // CopyToAsync says so
            _held ??= ArrayPool<byte>.Shared.Rent(MaxHeld);
            var count = await contents.ReadAsync(_held.AsMemory(_heldLength, MaxHeld - _heldLength), cancellation).ConfigureAwait(false);
            _ended = count == 0;
            _heldLength += count;
        }

        context.Usage.AddOutput(_heldLength);
    }

    private HttpError? Excess(long total, long? declaredLength, HttpErrorKind sizeError)
    {
        var limit = context.Options.Budget.ResponseBody;
        if (total <= limit && !(total > declaredLength))
            return null;
        if (total > limit)
            context.Usage.Reject(BudgetKind.ResponseBody);
        Dispose();
        return new HttpError(sizeError, Number: (ulong)Math.Min(total, limit));
    }

    private bool TryHold(int bytes)
    {
        if (!context.Usage.TryHold(bytes - _charged))
            return false;
        _charged = bytes;
        return true;
    }

    private void Unhold() => context.Usage.Unhold(Interlocked.Exchange(ref _charged, 0));

    private void ReturnHeld()
    {
        if (_held is { } held)
            ArrayPool<byte>.Shared.Return(held);
        _held = null;
    }

    /// <summary>Completes when nobody needs the content any more.</summary>
    public Task Completion
    {
        get
        {
            var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            made = Interlocked.CompareExchange(ref _completion, made, null) ?? made;
            if (_isSent)
                made.TrySetResult();
            return made.Task;
        }
    }

    /// <summary>Resolves when the message was sent, or not.</summary>
    public HostFuture<Result<Unit, ErrorCode>> Sent => _sent.Future;

    public override (HostStream Stream, HostFuture<Result<IFields?, ErrorCode>> Trailers) Consume(GuestFuture<Result<Unit, ErrorCode>> outcome)
    {
        _ = ForwardAsync(outcome);
        return (contents is null ? HostStream.Empty : HostStream.FromGuest(contents), HostFutures.FromGuest(trailers));
    }

    public override async ValueTask<Result<Fields?, HttpError>> CopyToAsync(
        PipeWriter writer, long? declaredLength, HttpErrorKind sizeError, CancellationToken cancellation)
    {
        try
        {
            return await CopyAsync(writer, declaredLength, sizeError, cancellation).ConfigureAwait(false);
        }
        finally
        {
            Unhold();
        }
    }

    private async ValueTask<Result<Fields?, HttpError>> CopyAsync(
        PipeWriter writer, long? declaredLength, HttpErrorKind sizeError, CancellationToken cancellation)
    {
        long total = _heldLength;
        if (Excess(total, declaredLength, sizeError) is { } tooLong)
            return tooLong;
        if (contents is not null && !_ended && !TryHold(Window))
        {
            Dispose();
            return HttpError.Internal(context.Usage.HostMemoryIsFull);
        }

        if (_heldLength > 0)
            writer.Write(_held.AsSpan(0, _heldLength));
        ReturnHeld();
        var unflushed = total;
        while (contents is not null && !_ended)
        {
            // What comes next in one breath goes out in one piece.
            if (unflushed >= MaxUnflushed || (unflushed > 0 && !contents.IsReadable))
            {
                unflushed = 0;
                if ((await writer.FlushAsync(cancellation).ConfigureAwait(false)).IsCompleted)
                {
                    Dispose();
                    return HttpError.Terminated;
                }
            }

            var count = await contents.ReadAsync(writer.GetMemory(1), cancellation).ConfigureAwait(false);
            if (count == 0)
                break;
            total += count;
            unflushed += count;
            if (Excess(total, declaredLength, sizeError) is { } excess)
                return excess;
            context.Usage.AddOutput(count);
            writer.Advance(count);
        }

        // Without a content, the length is that of another answer: to HEAD, or 304.
        if (contents is not null && declaredLength is { } declared && declared != total)
        {
            trailers.Dispose();
            return new HttpError(sizeError, Number: (ulong)total);
        }

        if (unflushed > 0 && !trailers.IsReadable)
            await writer.FlushAsync(cancellation).ConfigureAwait(false);
        var last = await trailers.ReadAsync(cancellation).ConfigureAwait(false);
        return last.TryGet(out var fields, out var error) ? Result<Fields?, HttpError>.Ok((Fields?)fields) : error.FromWit();
    }

    public override void SetSent(HttpError? error) => SetSent(error is null ? Result.Ok() : error.ToWit());

    private void SetSent(Result<Unit, ErrorCode> outcome)
    {
        if (_isSent)
            return;
        _isSent = true;
        Interlocked.MemoryBarrier(); // whoever asks for the task sees this, or is seen
        _sent.TrySet(outcome);
        _completion?.TrySetResult();
    }

    public override void Dispose()
    {
        ReturnHeld();
        Unhold();
        contents?.Dispose();
        trailers.Dispose();
        if (!_isSent)
            SetSent(HttpError.Terminated);
    }

    private async Task ForwardAsync(GuestFuture<Result<Unit, ErrorCode>> outcome)
    {
        try
        {
            SetSent(await outcome.ReadAsync().ConfigureAwait(false));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            SetSent(HttpFailures.From(error)); // the guest dropped the future, or its instance ended
        }
    }
}

/// <summary>Where a received content has its trailers.</summary>
internal interface ITrailerSource
{
    /// <summary>The trailers, once the content has ended; null without any.</summary>
    Fields? Read();
}

/// <summary>A content that the host received.</summary>
/// <param name="reader">The content.</param>
/// <param name="trailers">Gives the trailers once the content has ended; null without any.</param>
/// <param name="release">Called once, when nothing of the body is in use any more.</param>
/// <param name="aborted">Ends reading.</param>
internal sealed class HostBody(PipeReader reader, ITrailerSource trailers, Action? release, CancellationToken aborted) : MessageBody
{
    private const int Fresh = 0, IsRead = 1, Over = 2;

    private Action? _release = release;
    private CancellationTokenSource? _stop;
    private int _state;

    /// <summary>Ends when the content is not touched any more; null while nobody reads it.</summary>
    public Task? Reading { get; private set; }

    public override bool HasContents
    {
        get
        {
            if (!reader.TryRead(out var read))
                return true;
            var empty = read.IsCompleted && read.Buffer.IsEmpty;
            reader.AdvanceTo(read.Buffer.Start);
            return !empty;
        }
    }

    public override (HostStream Stream, HostFuture<Result<IFields?, ErrorCode>> Trailers) Consume(GuestFuture<Result<Unit, ErrorCode>> outcome)
    {
        outcome.Dispose(); // nobody is told
        var ended = new TaskCompletionSource<Result<IFields?, ErrorCode>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = HostStream.Create(async (writer, dropped) =>
        {
            var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(dropped, aborted);
            Result<IFields?, ErrorCode> last = default;
            try
            {
                last = TryBegin(read.Task, stop)
                    ? await PumpAsync(writer, dropped, stop.Token).ConfigureAwait(false)
                    : HttpError.Terminated.ToWit();
            }
            finally
            {
                _stop = null;
                Dispose();
                read.SetResult();
                ended.TrySetResult(last);
            }
        });
        return (stream, HostFutures.From(ended.Task));
    }

    // The memory that the content comes in is the server's: after the end of the request it may hold what another client sends.
    private bool TryBegin(Task reading, CancellationTokenSource stop)
    {
        Reading = reading;
        _stop = stop;
        return Interlocked.CompareExchange(ref _state, IsRead, Fresh) == Fresh;
    }

    public override async ValueTask<Result<Fields?, HttpError>> CopyToAsync(
        PipeWriter writer, long? declaredLength, HttpErrorKind sizeError, CancellationToken cancellation)
    {
        var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, aborted);
        try
        {
            if (!TryBegin(read.Task, stop))
                return HttpError.Terminated;
            await reader.CopyToAsync(writer, stop.Token).ConfigureAwait(false);
            return trailers.Read();
        }
        finally
        {
            _stop = null;
            read.SetResult();
            Dispose();
        }
    }

    public override void SetSent(HttpError? error)
    {
    }

    public override void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();

    /// <summary>Ends a reading that is under way, and completes when it has ended. None begins after that.</summary>
    public ValueTask StopAsync() =>
        Interlocked.Exchange(ref _state, Over) == IsRead && Reading is { IsCompleted: false } reading ? StopAsync(reading) : ValueTask.CompletedTask;

    private async ValueTask StopAsync(Task reading)
    {
        try
        {
            _stop?.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended at the same moment.
        }

        await reading.ConfigureAwait(false);
    }

    private async Task<Result<IFields?, ErrorCode>> PumpAsync(HostStreamWriter writer, CancellationToken dropped, CancellationToken stopped)
    {
        var isHeld = false;
        var read = default(ReadResult);
        try
        {
            while (true)
            {
                read = await reader.ReadAsync(stopped).ConfigureAwait(false);
                isHeld = true;
                foreach (var segment in read.Buffer)
                {
                    if (await writer.WriteAsync(segment, stopped).ConfigureAwait(false) < segment.Length)
                        return Result<IFields?, ErrorCode>.Ok(null);
                }

                isHeld = false;
                reader.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return Result<IFields?, ErrorCode>.Ok(trailers.Read()?.Freeze());
            }
        }
        catch (OperationCanceledException) when (dropped.IsCancellationRequested)
        {
            return Result<IFields?, ErrorCode>.Ok(null);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return HttpFailures.From(error).ToWit();
        }
        finally
        {
            if (isHeld)
                reader.AdvanceTo(read.Buffer.Start); // the server goes on from there
        }
    }
}
