using System.Buffers;
using Windhover.Components.Async;
using Windhover.Wasi.Io;

namespace Windhover.Wasi.P3;

// The streams of the services (readable or not, never blocking) as streams of 0.3:
//
//   Read    service ── wait until ready, take what is there ──► guest's memory                      ends: future of the outcome
//   Write   guest's memory ──► 16 KiB buffer ── wait for a permit, write, flush when nothing follows ──► service
//
// No thread is held while either side waits.
internal static class StreamPump
{
    private const int BufferSize = 16 * 1024;

    /// <summary>A service's input as a guest's stream; disposes the input in the end.</summary>
    /// <param name="input">The service's stream.</param>
    /// <param name="outcome">The result for the guest: of a failure, or of null at the end.</param>
    /// <param name="aborted">Ends it.</param>
    public static (HostStream Stream, HostFuture<Result<Unit, TError>> Outcome) Read<TError>(
        InputStream input, Func<IoError?, Result<Unit, TError>> outcome, CancellationToken aborted)
    {
        var done = new TaskCompletionSource<Result<Unit, TError>>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = HostStream.Create(async (writer, dropped) =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(aborted, dropped);
            IoError? failure = null;
            try
            {
                using (input)
                    failure = await ReadAsync(input, writer, either.Token).ConfigureAwait(false);
            }
            finally
            {
                done.TrySetResult(outcome(failure));
            }
        });
        return (stream, HostFutures.From(done.Task));
    }

    /// <summary>Copies a guest's stream into a service's output, which is disposed in the end.</summary>
    /// <param name="data">The guest's stream.</param>
    /// <param name="output">The service's stream.</param>
    /// <param name="context">The guest's services: the copy ends with them.</param>
    /// <param name="outcome">The result for the guest: of a failure, or of null when all was written.</param>
    public static HostFuture<Result<Unit, TError>> Write<TError>(
        GuestStreamReader data, OutputStream output, WasiContext context, Func<IoError?, Result<Unit, TError>> outcome)
    {
        try
        {
            context.Usage.Hold(BufferSize); // without room, the call traps
        }
        catch
        {
            data.Dispose();
            output.Dispose();
            throw;
        }

        var done = RunAsync();
        context.Track(done);
        return HostFutures.From(done);

        async Task<Result<Unit, TError>> RunAsync()
        {
            using (data)
            using (output)
            {
                try
                {
                    return outcome(await WriteAsync(data, output, context.Aborted).ConfigureAwait(false));
                }
                finally
                {
                    context.Usage.Unhold(BufferSize);
                }
            }
        }
    }

    private static async Task<IoError?> ReadAsync(InputStream input, HostStreamWriter writer, CancellationToken cancellation)
    {
        while (true)
        {
            await input.WaitReadyAsync(cancellation).ConfigureAwait(false);
            var read = input.Read(InputStream.MaxRead);
            if (!read.TryGet(out var bytes, out var error))
                return error.GetFailure();
            if (bytes.Length > 0 && await writer.WriteAsync(bytes, cancellation).ConfigureAwait(false) < bytes.Length)
                return null;
        }
    }

    private static async Task<IoError?> WriteAsync(GuestStreamReader data, OutputStream output, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        IoError? failure = null;
        while (failure is null && await data.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var count)
        {
            for (var at = 0; at < count && failure is null;)
            {
                await output.WaitReadyAsync(cancellation).ConfigureAwait(false);
                if (!output.CheckWrite().TryGet(out var permit, out var error))
                    return error.GetFailure() ?? new IoError("Nobody reads any more.");
                var step = (int)Math.Min(permit, (ulong)(count - at));
                if (step == 0)
                    continue;
                failure = output.Write(buffer.AsSpan(at, step)).TryGet(out _, out error) ? null : error.GetFailure() ?? new IoError("Nobody reads any more.");
                at += step;
            }
            output.Flush();
        }
        ArrayPool<byte>.Shared.Return(buffer); // not after an exception: a turn may still touch it
        if (failure is not null)
            return failure;
        output.Flush();
        await output.WaitReadyAsync(cancellation).ConfigureAwait(false);
        return output.CheckWrite().TryGet(out _, out var last) ? null : last.GetFailure();
    }
}
