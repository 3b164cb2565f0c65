using System.IO.Pipelines;
using System.Net;

namespace Windhover.Hosting.Isolation.Calls;

/// <summary>The content of a call, as the guest writes it. What is there is sent at once; the guest waits when the server grants no more.</summary>
internal sealed class CallContent(PipeReader? reader, long? length) : HttpContent
{
    protected override bool TryComputeLength(out long computed)
    {
        computed = length ?? 0;
        return length is not null;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (reader is null)
            return;
        Exception? failure = null;
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                foreach (ReadOnlyMemory<byte> segment in result.Buffer)
                    await stream.WriteAsync(segment, cancellationToken).ConfigureAwait(false);
                reader.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
                await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            failure = error;
            throw;
        }
        finally
        {
            await reader.CompleteAsync(failure).ConfigureAwait(false);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            reader?.Complete(); // the request is over, answered or not: a guest that still writes learns that nobody reads
        base.Dispose(disposing);
    }
}
