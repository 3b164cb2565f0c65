using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Text;
using Windhover.Wasi.Http;

namespace Windhover.Hosting.Http;

// The chunked transfer coding of HTTP/1.1 (RFC 9112, 7.1), written here because Kestrel's own ends without trailers:
//
//      memory of the server's writer    │ 0 f f 0 \r \n │ what the guest wrote, in place │ \r \n │
//                                         ▲ digits enough for the most that fits; their value is known at Advance
//
//      end                              │ 0 \r \n │ x-sum: 5 \r \n │ … │ \r \n │
//
// Leading zeros are allowed, so nothing is moved. A response that is broken off has no end, by which the client knows.
internal sealed class ChunkedWriter(PipeWriter server) : PipeWriter
{
    private const int MaxFrame = 8 + 2 + 2;

    private Memory<byte> _frame;

    public override bool CanGetUnflushedBytes => server.CanGetUnflushedBytes;

    public override long UnflushedBytes => server.UnflushedBytes;

    public override Memory<byte> GetMemory(int sizeHint = 0)
    {
        _frame = server.GetMemory(checked(Math.Max(sizeHint, 1) + MaxFrame));
        int prefix = Digits(_frame.Length) + 2;
        return _frame[prefix..^2];
    }

    public override Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public override void Advance(int bytes)
    {
        if (bytes == 0)
            return; // A chunk of length 0 would be the end.
        Span<byte> frame = _frame.Span;
        int digits = Digits(frame.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)bytes, (uint)(frame.Length - digits - 4));
        _ = Utf8Formatter.TryFormat(bytes, frame, out _, new StandardFormat('x', (byte)digits));
        "\r\n"u8.CopyTo(frame[digits..]);
        "\r\n"u8.CopyTo(frame[(digits + 2 + bytes)..]);
        server.Advance(digits + bytes + 4);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => server.FlushAsync(cancellationToken);

    public override void CancelPendingFlush() => server.CancelPendingFlush();

    public override void Complete(Exception? exception = null) => server.Complete(exception);

    /// <summary>Ends the content, with or without trailers.</summary>
    public void End(Fields? trailers)
    {
        server.Write("0\r\n"u8);
        for (int i = 0; i < (trailers?.Count ?? 0); i++)
        {
            (string name, string value) = trailers![i];
            if (TrailerRule.IsAllowed(name))
                server.Write(Encoding.Latin1.GetBytes($"{name}: {value}\r\n"));
        }

        server.Write("\r\n"u8);

        // Kestrel passes the rest on by itself only where it ends the content. The task, which nobody needs, is about the client's pace.
        ValueTask<FlushResult> flush = server.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
            _ = flush.AsTask();
    }

    private static int Digits(int number) => (int.Log2(number) / 4) + 1;
}
